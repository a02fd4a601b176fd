import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../metrics/create-metrics.ts';
import { StartRefusedError } from '../settings/start-refused-error.ts';

/** Few ask here, with small requests: an orchestrator and a metrics collector. Times in ms. */
const OPS_LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 8192,
} as const;
const MAX_CONNECTIONS = 200;

export interface Readiness {
  readonly ready: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface OpsServerOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Whether this service can do its own work now. A rejection counts as no. */
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** When aborted, `/readyz` says no without asking further. */
  readonly stopping?: AbortSignal;
}

export interface OpsServer {
  /** @throws StartRefusedError when the port isn't to be had */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The port in use; 0 before the start. */
  readonly port: number;
}

/** `/healthz` (the process turns), `/readyz` (it can work; 503 when not) and `/metrics`, for services without an API. */
export function createOpsServer({
  host,
  port,
  readiness,
  metrics,
  logger,
  stopping,
}: OpsServerOptions): OpsServer {
  const answers = new Map<string, (response: ServerResponse) => Promise<void>>([
    ['/healthz', async (response) => sendJson(response, 200, { status: 'ok' })],
    [
      '/readyz',
      async (response) => {
        const { ready, details } = await askReadiness(readiness, stopping);
        sendJson(response, ready ? 200 : 503, { ready, ...details });
      },
    ],
    [
      '/metrics',
      async (response) => {
        const text = await metrics.text();
        response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
      },
    ],
  ]);
  const server = createServer(OPS_LIMITS, (request, response) => {
    // Not parsed as a URL: what isn't one would throw here, where nobody catches it, and end the process.
    const answer = answers.get(request.url?.split('?', 1)[0] ?? '');
    if (answer === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) {
      sendJson(response, 404, { status: 'not found' });
      return;
    }
    answer(response).catch((error: unknown) => {
      logger.error('ops request failed', { path: request.url, error });
      if (!response.headersSent) sendJson(response, 500, { status: 'error' });
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) =>
          reject(
            new StartRefusedError(
              `Can't listen on OPS_HOST ${host}, OPS_PORT ${port} (${error.code}): choose another.`,
            ),
          ),
        );
        server.listen({ host, port }, () => {
          server.removeAllListeners('error');
          server.on('error', (error) => logger.error('ops server failed', { error }));
          logger.info('ops server listening', { host, port: boundPort(server) });
          resolve();
        });
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    get port() {
      return boundPort(server);
    },
  };
}

function boundPort(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

async function askReadiness(
  readiness: OpsServerOptions['readiness'],
  stopping?: AbortSignal,
): Promise<Readiness> {
  if (stopping?.aborted === true) return { ready: false, details: { reason: 'stopping' } };
  try {
    return await readiness();
  } catch {
    return { ready: false, details: { reason: 'readiness is unknown' } };
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}
