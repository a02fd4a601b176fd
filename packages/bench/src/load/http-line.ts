import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** One kept HTTP/1.1 connection, one request at a time: a load must cost less than what it measures. */
export interface HttpLine {
  /** @throws when the connection ends before the answer */
  readonly request: (bytes: Buffer) => Promise<HttpAnswer>;
  readonly close: () => void;
}

const HEAD_END = '\r\n\r\n';

export async function openHttpLine(url: string): Promise<HttpLine> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  return {
    request: (bytes) => exchange(socket, bytes),
    close: () => socket.destroy(),
  };
}

/** A whole request; the body is JSON. */
export function httpRequest(
  method: 'GET' | 'POST',
  path: string,
  { cookie, body }: { readonly cookie: string; readonly body?: unknown },
): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type =
    body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${text.length}\r\n`;
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: bench\r\ncookie: ${cookie}\r\n${type}\r\n${text}`);
}

function exchange(socket: Socket, bytes: Buffer): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let received = '';
    const finish = (settle: () => void) => {
      socket.off('data', onData).off('close', onClose).off('error', onClose);
      settle();
    };
    const onData = (piece: Buffer) => {
      received += piece.toString('latin1');
      const answer = wholeAnswer(received);
      if (answer !== undefined) finish(() => resolve(answer));
    };
    const onClose = () => finish(() => reject(new Error(`the connection ended after: ${received}`)));
    socket.on('data', onData).on('close', onClose).on('error', onClose);
    socket.write(bytes);
  });
}

/** @throws when the answer doesn't say how long it is */
function wholeAnswer(received: string): HttpAnswer | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, headEnd))?.[1];
  if (length === undefined) throw new Error(`an answer without its length: ${received.slice(0, headEnd)}`);
  const body = received.slice(headEnd + HEAD_END.length);
  if (body.length < Number(length)) return undefined;
  return { status: Number(received.slice(9, 12)), body };
}
