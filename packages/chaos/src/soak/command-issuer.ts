import type { ScreenAccount } from '@infoscreen/device-agent';
import type { ApiUser } from '@infoscreen/test-kit';
import type pg from 'pg';

/** Restarts the app of one screen after the other, and remembers which commands were taken. */
export class CommandIssuer {
  readonly #admin: ApiUser;
  readonly #accounts: readonly ScreenAccount[];
  readonly #issued: string[] = [];
  #turn = 0;

  constructor(admin: ApiUser, accounts: readonly ScreenAccount[]) {
    this.#admin = admin;
    this.#accounts = accounts;
  }

  get issued(): number {
    return this.#issued.length;
  }

  async issueOne(): Promise<void> {
    const account = this.#accounts[this.#turn % this.#accounts.length];
    this.#turn += 1;
    const { status, json } = await this.#admin.call('POST', `/api/clients/${account?.uuid}/restart_app`);
    // A small fleet soon has no place left in its lockouts.
    if (status === 429) return;
    if (status !== 202) throw new Error(`a command was answered with ${status}`);
    this.#issued.push((json as { command: { commandId: string } }).command.commandId);
  }

  /** How many of the commands that were taken have each status. */
  async statuses(pool: pg.Pool): Promise<Record<string, number>> {
    const { rows } = await pool.query<{ status: string; n: number }>(
      'SELECT status, count(*)::int AS n FROM client_commands WHERE command_id = ANY ($1::uuid[]) GROUP BY status',
      [this.#issued],
    );
    return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
  }
}
