import type { CommandAction } from '@infoscreen/shared-types';
import { z } from 'zod';

/** What became of a request for a command, as far as its answer says. */
export type IssueAnswer =
  | { readonly kind: 'accepted'; readonly commandId: string; readonly status: string }
  /** No answer, or one that leaves open whether there is a command: the same request may be made again. */
  | { readonly kind: 'unknown'; readonly detail: string };

const REQUEST_TIMEOUT_MS = 8000;
const PATHS: Readonly<Record<CommandAction, string>> = {
  reboot_host: 'restart',
  shutdown_host: 'shutdown',
  restart_app: 'restart_app',
};

const acceptedSchema = z.object({ command: z.object({ commandId: z.string(), status: z.string() }) });
const createdSchema = z.object({ mqtt: z.object({ username: z.string(), password: z.string() }) });

/** A person at the API, who goes on whatever breaks: one session, made again when it is gone. */
export class Operator {
  readonly #account: { readonly username: string; readonly password: string };
  #cookie = '';

  constructor(account: { readonly username: string; readonly password: string }) {
    this.#account = account;
  }

  /** @throws when the log-in is refused or nobody answers */
  async logIn(baseUrl: string): Promise<void> {
    const response = await this.#post(`${baseUrl}/api/auth/login`, this.#account);
    if (response.status !== 200) throw new Error(`the log-in was answered with ${response.status}`);
    this.#cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
  }

  /** @throws when it isn't made */
  async createScreen(baseUrl: string, hostname: string): Promise<{ uuid: string; password: string }> {
    const response = await this.#post(`${baseUrl}/api/clients`, { hostname });
    const { mqtt } = createdSchema.parse(await response.json());
    return { uuid: mqtt.username, password: mqtt.password };
  }

  async issue(
    baseUrl: string,
    request: { readonly clientUuid: string; readonly action: CommandAction; readonly key: string },
  ): Promise<IssueAnswer> {
    const { clientUuid, action, key } = request;
    try {
      const response = await this.#post(
        `${baseUrl}/api/clients/${clientUuid}/${PATHS[action]}`,
        { reason: key },
        { 'idempotency-key': key },
      );
      const body: unknown = await response.json();
      if (response.status === 202) return { kind: 'accepted', ...acceptedSchema.parse(body).command };
      if (response.status === 401) await this.logIn(baseUrl);
      return { kind: 'unknown', detail: `answered with ${response.status}` };
    } catch (error) {
      return { kind: 'unknown', detail: String(error) };
    }
  }

  /** @returns whether it was answered with 200 */
  async cancel(baseUrl: string, commandId: string): Promise<boolean> {
    try {
      return (await this.#post(`${baseUrl}/api/clients/commands/${commandId}/cancel`, {})).status === 200;
    } catch {
      return false;
    }
  }

  #post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(url, {
      method: 'POST',
      headers: { cookie: this.#cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  }
}
