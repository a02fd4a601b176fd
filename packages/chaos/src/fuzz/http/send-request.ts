import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { EVENT_STREAM_MEDIA_TYPE } from '@infoscreen/shared-types';

const TIMEOUT_MS = 20_000;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface OutgoingRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly isChunked: boolean;
}

export function createKeepAliveAgent(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/**
 * Sends the target as it stands: neither dots nor percent-encodings are resolved on the way. A connection that was kept
 * may be closed by the server at the moment of its use; then the request is sent once more, over a new one.
 * @throws when no answer came
 */
export async function sendRequest(
  baseUrl: string,
  agent: Agent,
  outgoing: OutgoingRequest,
): Promise<HttpAnswer> {
  try {
    return await sendOnce(baseUrl, agent, outgoing);
  } catch (error) {
    if (!(error instanceof KeptConnectionClosed)) throw error;
    return sendOnce(baseUrl, false, outgoing);
  }
}

class KeptConnectionClosed extends Error {}

function sendOnce(
  baseUrl: string,
  agent: Agent | false,
  { method, target, headers, body, isChunked }: OutgoingRequest,
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(baseUrl);
  // Said in any case: of itself Node frames no body of a GET.
  const framing: Record<string, string> =
    body === undefined
      ? {}
      : isChunked
        ? { 'transfer-encoding': 'chunked' }
        : { 'content-length': String(body.byteLength) };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        hostname,
        port,
        method,
        path: target,
        headers: { ...headers, ...framing },
        timeout: TIMEOUT_MS,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        const answered = () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          });
        answer.on('end', answered);
        // A stream never ends: its beginning is the answer.
        if (answer.headers['content-type']?.startsWith(EVENT_STREAM_MEDIA_TYPE) === true) {
          answered();
          answer.destroy();
        }
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    outgoing.on('error', (error) =>
      reject(outgoing.reusedSocket ? new KeptConnectionClosed(error.message, { cause: error }) : error),
    );
    outgoing.end(body);
  });
}
