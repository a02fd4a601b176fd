import http from 'node:http';

export interface HttpLoadOrder {
  readonly port: number;
  /** Asked for in turn. */
  readonly paths: readonly string[];
  readonly cookie: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface HttpLoadResult {
  readonly requestsPerSecond: number;
  /** Milliseconds, ascending. */
  readonly latencies: readonly number[];
}

/** Asks over each connection for the next one as soon as the last is answered. @throws at an answer that isn't 200 */
export async function loadHttp(order: HttpLoadOrder): Promise<HttpLoadResult> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: order.connections });
  const latencies: number[] = [];
  let asked = 0;
  const startedAt = performance.now();
  const endAt = startedAt + order.seconds * 1000;
  const goOn = async () => {
    while (performance.now() < endAt) {
      const path = order.paths[asked % order.paths.length] ?? '/';
      asked += 1;
      const before = performance.now();
      await getOnce(agent, { ...order, path });
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: order.connections }, goOn));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return { requestsPerSecond: latencies.length / seconds, latencies: latencies.sort((a, b) => a - b) };
}

function getOnce(
  agent: http.Agent,
  { port, path, cookie }: Pick<HttpLoadOrder, 'port' | 'cookie'> & { readonly path: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get({ agent, host: '127.0.0.1', port, path, headers: { cookie } }, (response) => {
        if (response.statusCode !== 200)
          reject(new Error(`${path} was answered with ${response.statusCode}`));
        response.resume();
        response.once('end', resolve);
      })
      .once('error', reject);
  });
}
