import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What one connection, and all of them together, may take. Times in ms. */
export const HTTP_LIMITS = {
  /** From the connection, or the last answer, to the end of the headers. */
  headersMs: 10_000,
  /** From the first byte of a request to the end of its body. */
  requestMs: 30_000,
  /** Longer than the minute after which proxies let an unused connection go, so that they do so first. */
  keepAliveMs: 65_000,
  /** How often the times above are looked at. */
  checkMs: 2000,
  headerBytes: 16_384,
  headerCount: 100,
  connections: 2000,
  /** Of one connection, sent ahead of their answers. Browsers and proxies send none ahead. */
  underWay: 10,
  /** Still served after the request to stop, so that a proxy sees `/readyz` say no. */
  lastLookMs: 500,
  /** For requests under way after that; then their connections are cut. */
  drainMs: 4000,
} as const;

const openSockets = new WeakMap<Server, Set<Socket>>();

/** The server's HTTP side, with a bound on everything that a peer decides. */
export function createHttpServer(app: RequestListener): Server {
  const http = createServer(
    {
      headersTimeout: HTTP_LIMITS.headersMs,
      requestTimeout: HTTP_LIMITS.requestMs,
      keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
      connectionsCheckingInterval: HTTP_LIMITS.checkMs,
      maxHeaderSize: HTTP_LIMITS.headerBytes,
    },
    withFewUnderWay(app),
  );
  http.maxHeadersCount = HTTP_LIMITS.headerCount;
  http.maxConnections = HTTP_LIMITS.connections;
  const open = new Set<Socket>();
  openSockets.set(http, open);
  http.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return http;
}

/**
 * Cuts a connection that sends more requests ahead. Node begins each one as soon as it has read it, so that a few megabytes of
 * small requests would occupy the process for minutes, and its memory.
 */
function withFewUnderWay(app: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const before = underWay.get(socket) ?? 0;
    if (before >= HTTP_LIMITS.underWay) {
      socket.destroy();
      return;
    }
    underWay.set(socket, before + 1);
    response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    app(request, response);
  };
}

/**
 * Takes no new connections and lets requests under way finish; what then still lasts is reset, since after an ordinary end
 * half an answer without chunks (HTTP/1.0) would look whole.
 */
export async function drain(http: Server): Promise<void> {
  await pause(HTTP_LIMITS.lastLookMs);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      for (const socket of openSockets.get(http) ?? []) socket.resetAndDestroy();
    }, HTTP_LIMITS.drainMs);
    http.close(() => {
      clearTimeout(timer);
      resolve();
    });
    http.closeIdleConnections();
  });
}
