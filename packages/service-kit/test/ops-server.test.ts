import { connect } from 'node:net';
import { createMetrics, createOpsServer, type OpsServer } from '@infoscreen/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRecordingLogger } from './recording-logger.ts';

let server: OpsServer;
const logger = createRecordingLogger();
const stopping = new AbortController();
let isReady = true;

beforeAll(async () => {
  server = createOpsServer({
    host: '127.0.0.1',
    port: 0,
    readiness: async () => ({ ready: isReady, details: {} }),
    metrics: createMetrics({ service: 'listener', instance: 'listener-1' }),
    logger,
    stopping: stopping.signal,
  });
  await server.start();
});
afterAll(() => server.stop());

/** Sends the request target as it stands, past what a client library would put right. */
function statusOf(target: string, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`${method} ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
    );
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(text.split(' ')[1])));
  });
}

describe('the operations server', () => {
  it.each(['/healthz', '/readyz', '/metrics', '/healthz?verbose=1'])('answers %s', async (target) => {
    expect(await statusOf(target)).toBe(200);
  });

  it('logs where it listens, so that a port that was free at the start can be found', () => {
    expect(logger.lines).toContainEqual({
      level: 'info',
      message: 'ops server listening',
      fields: { host: '127.0.0.1', port: server.port },
    });
  });

  it.each(['//', '///[', 'http://[', '/__proto__', '/constructor', '*', '/%'])(
    'outlives the target %s, which is nothing of its own',
    async (target) => {
      expect([400, 404]).toContain(await statusOf(target));
      expect(await statusOf('/healthz')).toBe(200);
    },
  );

  it('takes no writes', async () => {
    expect(await statusOf('/metrics', 'POST')).toBe(404);
  });

  it('is not ready while its service isn’t, and from the stop on', async () => {
    isReady = false;
    expect(await statusOf('/readyz')).toBe(503);
    isReady = true;
    stopping.abort();
    expect(await statusOf('/readyz')).toBe(503);
  });
});
