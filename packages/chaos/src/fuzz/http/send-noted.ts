import type { Agent } from 'node:http';
import type { FleetProcess } from '@infoscreen/test-kit';
import type { Findings } from './findings.ts';
import { BODY_LIMIT_BYTES, type FuzzRequest } from './fuzz-requests.ts';
import { type HttpAnswer, sendRequest } from './send-request.ts';

export interface NotedSending {
  readonly server: FleetProcess;
  readonly agent: Agent;
  readonly findings: Findings;
}

/** Sends a request with a cookie, where there is one, and notes its answer or that none came. @returns the answer */
export async function sendNoted<Request extends FuzzRequest>(
  { server, agent, findings }: NotedSending,
  request: Request,
  { cookie, problemsOf }: { readonly cookie: string; readonly problemsOf: (answer: HttpAnswer) => string[] },
): Promise<HttpAnswer | undefined> {
  const headers = {
    ...(cookie === '' ? {} : { cookie }),
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...request.headers,
  };
  try {
    const answer = await sendRequest(server.url, agent, { ...request, headers });
    findings.note(request, answer, problemsOf(answer));
    return answer;
  } catch (error) {
    const isTooLarge = (request.body?.byteLength ?? 0) > BODY_LIMIT_BYTES;
    if (isTooLarge && server.process.isRunning()) findings.noteCut();
    else findings.noteProblem(request, `no answer: ${String(error)}`);
    return undefined;
  }
}
