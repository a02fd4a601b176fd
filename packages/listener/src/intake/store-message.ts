import type { ReceivedMessage } from '@infoscreen/service-kit';
import { type InboundMessage, type ParsedMessage, parseInboundMessage } from '@infoscreen/shared-types';
import { storeDiscoveryAlias } from '../clients/store-discovery-alias.ts';
import { storeAcknowledgement } from '../commands/store-acknowledgement.ts';
import { storeServiceFailed } from '../failures/store-service-failed.ts';
import type { Rejection } from '../rejections/rejection-book.ts';
import type { Arrival } from './arrival.ts';
import type { IntakeDeps } from './intake-deps.ts';

/**
 * Stores one message of a lane, or its rejection. Committed when this resolves; running it again changes nothing more.
 * @param isLive whether it came just now, and not from what the broker had kept
 * @throws when the database can't take it now
 */
export async function storeMessage(
  deps: IntakeDeps,
  message: ReceivedMessage,
  isLive: boolean,
): Promise<void> {
  const parsed = parseInboundMessage(message.topic, message.payload);
  if (parsed.ok === 'ignore') return;
  const rejection = await storeOrReject(deps, message, parsed, isLive);
  if (rejection === undefined) return;
  const clientUuid = parsed.ok ? clientOf(parsed.message) : parsed.clientUuid;
  await deps.rejections.record({ topic: message.topic, payload: message.payload, clientUuid, ...rejection });
}

async function storeOrReject(
  deps: IntakeDeps,
  received: ReceivedMessage,
  parsed: Exclude<ParsedMessage, { ok: 'ignore' }>,
  isLive: boolean,
): Promise<Rejection | undefined> {
  if (!parsed.ok) return parsed;
  const { message } = parsed;
  if (received.retain && message.kind !== 'presence') {
    return { reason: 'retained', detail: 'a retained message counts on presence alone' };
  }
  const common = {
    ageSeconds: isLive && !received.retain ? (Date.now() - received.receivedAt.getTime()) / 1000 : null,
    isRepeat: received.dup,
  };
  return await storeByKind(deps, message, common);
}

async function storeByKind(
  deps: IntakeDeps,
  message: InboundMessage,
  common: Pick<Arrival<unknown>, 'ageSeconds' | 'isRepeat'>,
): Promise<Rejection | undefined> {
  switch (message.kind) {
    case 'discovery_alias':
      return storeDiscoveryAlias(deps, { ...message, ...common });
    case 'service_failed':
      return storeServiceFailed(deps, { ...message, ...common });
    case 'command_ack':
    case 'command_ack_legacy':
      return storeAcknowledgement(deps, { ...message, ...common });
    case 'discovery':
    case 'presence':
      // Written in batches, unless they are refused.
      return undefined;
    case 'heartbeat':
    case 'health':
    case 'canary':
      // Not subscribed to by a lane.
      return undefined;
    default:
      return message satisfies never;
  }
}

function clientOf(message: InboundMessage): string | undefined {
  return 'clientUuid' in message ? message.clientUuid : undefined;
}
