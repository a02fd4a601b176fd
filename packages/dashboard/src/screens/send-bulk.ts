import type { CommandAction } from '@infoscreen/shared-types';
import { ApiError } from '../api/api-error.ts';
import type { BulkAnswer, Command } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';

export interface BulkRequest {
  readonly action: Exclude<CommandAction, 'shutdown_host'>;
  readonly uuids: readonly string[];
  readonly reason: string;
  /** Of the whole intention: a repeated attempt sends nothing twice. */
  readonly key: string;
}
export type BulkItem =
  | BulkAnswer['items'][number]
  | {
      readonly client_uuid: string;
      readonly outcome: 'failed';
      readonly command: null;
      readonly error: unknown;
    };

const AT_ONCE = 100;
const SEGMENT = { restart_app: 'restart_app', reboot_host: 'restart' } as const;

/** Sends the command to the named screens, some at a time; each result as soon as it is known. */
export async function sendBulk(
  request: BulkRequest,
  onItems: (items: readonly BulkItem[]) => void,
): Promise<void> {
  for (let start = 0; start < request.uuids.length; start += AT_ONCE) {
    const uuids = request.uuids.slice(start, start + AT_ONCE);
    onItems(await sendSome({ ...request, uuids, key: `${request.key}-${start}` }));
  }
}

async function sendSome(request: BulkRequest): Promise<readonly BulkItem[]> {
  const { action, uuids, reason, key } = request;
  const words = reason === '' ? {} : { reason };
  try {
    const { items } = await callApi<BulkAnswer>('/api/commands/bulk', {
      method: 'POST',
      body: { action, client_uuids: uuids, ...words },
      idempotencyKey: key,
    });
    return items;
  } catch (error) {
    const isMissing = error instanceof ApiError && [404, 405].includes(error.status);
    if (!isMissing) return uuids.map((uuid) => failed(uuid, error));
    return Promise.all(uuids.map((uuid) => sendOne(request, uuid)));
  }
}

const failed = (uuid: string, error: unknown): BulkItem => ({
  client_uuid: uuid,
  outcome: 'failed',
  command: null,
  error,
});

/** For a server that takes one at a time. */
async function sendOne({ action, reason, key }: BulkRequest, uuid: string): Promise<BulkItem> {
  try {
    const { command } = await callApi<{ command: Command }>(`/api/clients/${uuid}/${SEGMENT[action]}`, {
      method: 'POST',
      body: reason === '' ? {} : { reason },
      idempotencyKey: `${key}-${uuid}`,
    });
    return { client_uuid: uuid, outcome: 'accepted', command };
  } catch (error) {
    if (!(error instanceof ApiError)) return failed(uuid, error);
    const { code, command } = (error.problem ?? {}) as { code?: string; command?: Command };
    if (code === 'safety_lockout')
      return { client_uuid: uuid, outcome: 'blocked_safety', command: command ?? null };
    if (code === 'client_not_found') return { client_uuid: uuid, outcome: 'client_not_found', command: null };
    return failed(uuid, error);
  }
}
