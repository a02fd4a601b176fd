import { randomUUID } from 'node:crypto';
import {
  type AckStatus,
  type DeviceTopicKind,
  deviceTopic,
  MAX_PAYLOAD_BYTES,
} from '@infoscreen/shared-types';
import type { OutgoingMessage } from '../broker/broker-link.ts';

/** What a broken or malicious screen may say; each resolves when the broker took it. */
export interface Lies {
  /** An ACK for a command that nobody issued. */
  wrongCommandId(status?: AckStatus): Promise<void>;
  /** An ACK on its own topic whose payload names another screen. */
  foreignUuid(otherUuid?: string): Promise<void>;
  /** A heartbeat on another screen's topic; a broker that holds the topic rules drops it. */
  foreignTopic(otherUuid: string): Promise<void>;
  /** A payload that ends in the middle. */
  brokenJson(kind?: DeviceTopicKind): Promise<void>;
  /** `count` ACKs for one command at once, in turn with each of `statuses`. */
  ackStorm(commandId: string, count: number, statuses?: readonly AckStatus[]): Promise<void>;
  /** An ACK that stays at the broker. */
  retainedAck(commandId: string, status?: AckStatus): Promise<void>;
  /** A well-formed payload that is longer than anything that is read. */
  oversizePayload(kind?: DeviceTopicKind, bytes?: number): Promise<void>;
}

/** @param publish sends over the screen's present connection, @throws when there is none */
export function createLies(uuid: string, publish: (message: OutgoingMessage) => Promise<void>): Lies {
  const say = (kind: DeviceTopicKind, payload: unknown, retain = false) =>
    publish({ topic: deviceTopic(uuid, kind), payload: JSON.stringify(payload), qos: 1, retain });
  const ack = (commandId: string, status: AckStatus) => ({
    command_id: commandId,
    status,
    timestamp: new Date().toISOString(),
  });
  return {
    wrongCommandId: (status = 'completed') => say('command_ack', ack(randomUUID(), status)),
    foreignUuid: (otherUuid = randomUUID()) =>
      say('command_ack', { ...ack(randomUUID(), 'completed'), client_uuid: otherUuid }),
    foreignTopic: (otherUuid) =>
      publish({
        topic: deviceTopic(otherUuid, 'heartbeat'),
        payload: '{"process_status":"crashed"}',
        qos: 1,
      }),
    brokenJson: (kind = 'health') =>
      publish({ topic: deviceTopic(uuid, kind), payload: '{"process_status": "runn', qos: 1 }),
    ackStorm: async (commandId, count, statuses = ['accepted', 'execution_started']) => {
      const storm = Array.from(
        { length: count },
        (_, index) => statuses[index % statuses.length] ?? 'accepted',
      );
      await Promise.all(storm.map((status) => say('command_ack', ack(commandId, status))));
    },
    retainedAck: (commandId, status = 'completed') => say('command_ack', ack(commandId, status), true),
    oversizePayload: (kind = 'health', bytes = MAX_PAYLOAD_BYTES + 1) =>
      say(kind, { process_status: 'running', process_name: 'x'.repeat(bytes) }),
  };
}
