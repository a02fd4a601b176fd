import type { CommandAction } from '@infoscreen/shared-types';
import type { BulkAnswer } from '../api/api-types.ts';
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
    return uuids.map((uuid) => ({ client_uuid: uuid, outcome: 'failed', command: null, error }));
  }
}
