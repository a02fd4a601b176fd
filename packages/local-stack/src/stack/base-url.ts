/** With one of these a server answers on 127.0.0.1 (too). */
const REACHED_OVER_LOOPBACK = new Set(['127.0.0.1', 'localhost', '0.0.0.0', '::']);

/** Where a server that listens on `host` is asked from this machine. */
export function baseUrlOf({
  HOST: host,
  PORT: port,
}: {
  readonly HOST: string;
  readonly PORT: number;
}): string {
  if (REACHED_OVER_LOOPBACK.has(host)) return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
