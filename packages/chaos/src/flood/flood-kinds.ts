import { randomUUID } from 'node:crypto';
import { type DeviceTopicKind, MAX_PAYLOAD_BYTES } from '@infoscreen/shared-types';

/** What a screen floods with. */
export interface FloodKind {
  readonly topic: DeviceTopicKind;
  readonly qos: 0 | 1;
  readonly payload: () => string;
}

const padded = (bytes: number) => {
  const head = '{"unit":"player","padding":"';
  return `${head}${'x'.repeat(bytes - head.length - 2)}"}`;
};

export const FLOOD_KINDS = {
  /** ACKs of a command that nobody gave. */
  acks: {
    topic: 'command_ack',
    qos: 1,
    payload: () => JSON.stringify({ command_id: randomUUID(), status: 'accepted' }),
  },
  heartbeats: { topic: 'heartbeat', qos: 0, payload: () => '{}' },
  /** Failures as large as any payload may be. */
  large: { topic: 'service_failed', qos: 1, payload: () => padded(MAX_PAYLOAD_BYTES) },
  invalid: { topic: 'service_failed', qos: 1, payload: () => '{"unit":"player' },
} as const satisfies Record<string, FloodKind>;

export type FloodName = keyof typeof FLOOD_KINDS;
export const FLOOD_NAMES = Object.keys(FLOOD_KINDS) as FloodName[];
