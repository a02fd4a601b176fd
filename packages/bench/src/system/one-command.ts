import { type HttpLine, httpRequest } from '../load/http-line.ts';

const GIVE_UP_MS = 30_000;

export interface OneCommand {
  /** To one server. */
  readonly line: HttpLine;
  readonly cookie: string;
  readonly uuid: string;
}

/**
 * Asks for a restart, and then for the command until it is `completed`, without a pause.
 * @returns from the request until that answer, and its body
 * @throws when it is refused or ends otherwise
 */
export async function oneCommand({ line, cookie, uuid }: OneCommand): Promise<{ ms: number; body: string }> {
  const startedAt = performance.now();
  const posted = await line.request(
    httpRequest('POST', `/api/clients/${uuid}/restart_app`, { cookie, body: {} }),
  );
  if (posted.status !== 202) throw new Error(`a command was answered with ${posted.status}: ${posted.body}`);
  const { commandId } = (JSON.parse(posted.body) as { command: { commandId: string } }).command;
  const look = httpRequest('GET', `/api/clients/commands/${commandId}`, { cookie });
  while (performance.now() - startedAt < GIVE_UP_MS) {
    const { status, body } = await line.request(look);
    if (status === 200 && body.includes('"status":"completed"'))
      return { ms: performance.now() - startedAt, body };
    if (status !== 200 || /"status":"(failed|expired|blocked_safety|cancelled)"/.test(body))
      throw new Error(`a command ended as ${status}: ${body}`);
  }
  throw new Error('a command did not end');
}
