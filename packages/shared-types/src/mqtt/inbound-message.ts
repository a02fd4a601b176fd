import type { z } from 'zod';
import {
  commandAckPayloadSchema,
  discoveryPayloadSchema,
  healthPayloadSchema,
  heartbeatPayloadSchema,
  presencePayloadSchema,
  serviceFailedPayloadSchema,
} from './payloads.ts';
import { type DeviceTopicKind, type InboundTopic, parseInboundTopic } from './topics.ts';

/** One map from the kind of a topic to the schema of what is said on it. */
export const PAYLOAD_SCHEMAS = {
  discovery: discoveryPayloadSchema,
  heartbeat: heartbeatPayloadSchema,
  health: healthPayloadSchema,
  service_failed: serviceFailedPayloadSchema,
  presence: presencePayloadSchema,
  command_ack: commandAckPayloadSchema,
  command_ack_legacy: commandAckPayloadSchema,
} as const satisfies Record<DeviceTopicKind, z.ZodType>;

type PayloadOf<K extends DeviceTopicKind> = z.output<(typeof PAYLOAD_SCHEMAS)[K]>;

/** A message that passed its schema. `clientUuid` is the one of the topic; only the alias takes it from the payload. */
export type InboundMessage =
  | {
      readonly [K in DeviceTopicKind]: {
        readonly kind: K;
        readonly clientUuid: string;
        readonly payload: PayloadOf<K>;
      };
    }[DeviceTopicKind]
  | {
      readonly kind: 'discovery_alias';
      readonly clientUuid: string;
      readonly payload: PayloadOf<'discovery'>;
    }
  | { readonly kind: 'canary'; readonly name: string };

/** Why a message was refused; the value of a metric's label and of the stored row. */
export const REJECTION_REASONS = [
  'unknown_topic',
  'payload_too_large',
  'invalid_json',
  'invalid_payload',
  'uuid_mismatch',
  'unknown_client',
  'unknown_command',
  'too_many_pending_clients',
  'too_many_open_failures',
  'retained',
  'rate_limited',
  'not_storable',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

export type ParsedMessage =
  | { readonly ok: true; readonly message: InboundMessage }
  /** Nothing was said: an empty presence is how a retained one is cleared. */
  | { readonly ok: 'ignore' }
  | {
      readonly ok: false;
      readonly reason: RejectionReason;
      readonly detail: string;
      readonly clientUuid: string | undefined;
    };

/** Largest payload, in bytes, that is read at all. */
export const MAX_PAYLOAD_BYTES = 32_768;

const refuse = (reason: RejectionReason, detail: string, clientUuid?: string): ParsedMessage => ({
  ok: false,
  reason,
  detail,
  clientUuid,
});

/**
 * Checks one message from a device once, at the edge. Pure; never throws.
 * @param topic the topic it came on
 * @param payload its bytes, UTF-8 JSON; an empty heartbeat counts as `{}`
 */
export function parseInboundMessage(topic: string, payload: Uint8Array): ParsedMessage {
  return parseInboundPayload(parseInboundTopic(topic), payload);
}

/** `parseInboundMessage`, for a topic that has been read already. */
export function parseInboundPayload(
  parsedTopic: InboundTopic | undefined,
  payload: Uint8Array,
): ParsedMessage {
  if (parsedTopic === undefined) return refuse('unknown_topic', 'no topic of the contract');
  if (parsedTopic.kind === 'canary') return { ok: true, message: parsedTopic };
  const clientUuid = 'clientUuid' in parsedTopic ? parsedTopic.clientUuid : undefined;
  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    return refuse(
      'payload_too_large',
      `${payload.byteLength} bytes, at most ${MAX_PAYLOAD_BYTES}`,
      clientUuid,
    );
  }
  if (payload.byteLength === 0 && parsedTopic.kind === 'presence') return { ok: 'ignore' };

  const json = decodeJson(payload, parsedTopic.kind === 'heartbeat');
  if (!json.ok) return refuse('invalid_json', json.detail, clientUuid);
  const kind = parsedTopic.kind === 'discovery_alias' ? 'discovery' : parsedTopic.kind;
  const result = PAYLOAD_SCHEMAS[kind].safeParse(json.value);
  if (!result.success) return refuse('invalid_payload', describeIssues(result.error.issues), clientUuid);

  if (clientUuid !== undefined && namedUuids(json.value).some((named) => named !== clientUuid)) {
    return refuse('uuid_mismatch', 'the payload names another client than its topic', clientUuid);
  }
  const payloadUuid = 'uuid' in result.data ? result.data.uuid : '';
  return {
    ok: true,
    message: {
      kind: parsedTopic.kind,
      clientUuid: clientUuid ?? payloadUuid,
      payload: result.data,
    } as InboundMessage,
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeJson(
  payload: Uint8Array,
  emptyIsObject: boolean,
): { ok: true; value: unknown } | { ok: false; detail: string } {
  if (payload.byteLength === 0 && emptyIsObject) return { ok: true, value: {} };
  try {
    const text = utf8.decode(payload);
    return { ok: true, value: emptyIsObject && text.trim() === '' ? {} : JSON.parse(text) };
  } catch {
    return { ok: false, detail: 'not valid UTF-8 JSON' };
  }
}

/** Any payload may name its client; where it does, it must be the one of the topic. */
function namedUuids(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { uuid, client_uuid: clientUuid } = value as Readonly<Record<string, unknown>>;
  return [uuid, clientUuid].filter((named) => typeof named === 'string').map((named) => named.toLowerCase());
}

function describeIssues(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join('.') || '(body)'}: ${message}`)
    .join('; ')
    .slice(0, 500);
}
