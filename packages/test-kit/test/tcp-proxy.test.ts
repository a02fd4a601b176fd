import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { eventually, startTcpProxy, type TcpProxy } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

describe('a TCP proxy', () => {
  let target: Server;
  let proxy: TcpProxy;
  let held: 'nothing' | 'b' = 'nothing';
  const seenOn = new Map<string, number>();
  const clients: Socket[] = [];

  beforeEach(async () => {
    held = 'nothing';
    target = createServer((socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    const { port } = target.address() as { port: number };
    proxy = await startTcpProxy({
      target: { host: '127.0.0.1', port },
      inspect: (piece, direction, connection) => {
        if (direction === 'to_target') seenOn.set(piece.toString(), connection);
        return direction === 'to_target' && held === 'b' && piece.includes('b') ? 'hold' : 'pass';
      },
    });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.stop();
    await new Promise((resolve) => target.close(resolve));
  });

  async function open(): Promise<{ socket: Socket; heard: () => string }> {
    const socket = connect({ host: proxy.host, port: proxy.port });
    clients.push(socket);
    socket.on('error', () => {});
    let heard = '';
    socket.on('data', (piece) => {
      heard += piece.toString();
    });
    await once(socket, 'connect');
    return { socket, heard: () => heard };
  }

  it('passes both directions', async () => {
    const { socket, heard } = await open();
    socket.write('hello');
    await eventually(() => heard() === 'hello');
    expect(proxy.connections).toBe(1);
  });

  it('tells the connections apart for whoever reads along', async () => {
    const [first, second] = [await open(), await open()];
    first.socket.write('from the first');
    second.socket.write('from the second');
    await eventually(() => first.heard() !== '' && second.heard() !== '');
    expect([seenOn.get('from the first'), seenOn.get('from the second')]).toEqual([1, 2]);
  });

  it('lets nothing pass while it stalls, also of new connections, and all of it afterwards', async () => {
    const before = await open();
    proxy.stall();
    const during = await open();
    before.socket.write('one');
    during.socket.write('two');
    // What went through an open link would be back long before a third one has been opened and answered.
    const other = await startTcpProxy({ target: { host: proxy.host, port: proxy.port } });
    await other.stop();
    expect([before.heard(), during.heard()]).toEqual(['', '']);
    proxy.resume();
    await eventually(() => before.heard() === 'one' && during.heard() === 'two');
  });

  it('holds a piece that it is told to, and what follows, in that direction alone, until it resumes', async () => {
    const { socket, heard } = await open();
    held = 'b';
    socket.write('a');
    await eventually(() => heard() === 'a');
    socket.write('b');
    socket.write('c');
    const other = await open();
    other.socket.write('d');
    await eventually(() => other.heard() === 'd');
    expect(heard()).toBe('a');
    proxy.resume();
    await eventually(() => heard() === 'abc');
  });

  it('resets the connections that are open, and passes new ones', async () => {
    const { socket } = await open();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    proxy.cut();
    await closed;
    expect(proxy.connections).toBe(0);
    const later = await open();
    later.socket.write('again');
    await eventually(() => later.heard() === 'again');
  });
});
