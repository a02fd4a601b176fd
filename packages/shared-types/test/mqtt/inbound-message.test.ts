import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  canaryTopic,
  DEVICE_TOPIC_SUFFIXES,
  type DeviceTopicKind,
  DISCOVERY_ALIAS_TOPIC,
  deviceTopic,
  MAX_PAYLOAD_BYTES,
  parseInboundMessage,
  REJECTION_REASONS,
} from '../../src/index.ts';

const UUID = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const OTHER_UUID = '0190a1b2-c3d4-7e5f-8a9b-ffffffffffff';
const COMMAND_ID = '0190a1b2-c3d4-7e5f-8a9b-000000000001';
const KINDS = Object.keys(DEVICE_TOPIC_SUFFIXES) as DeviceTopicKind[];

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (kind: DeviceTopicKind, body: unknown) =>
  parseInboundMessage(deviceTopic(UUID, kind), bytes(JSON.stringify(body)));

/** The payload of a message that is expected to be good. */
function payloadOf(kind: DeviceTopicKind, body: unknown) {
  const parsed = parse(kind, body);
  if (parsed.ok !== true || parsed.message.kind === 'canary') throw new Error(JSON.stringify(parsed));
  return parsed.message.payload;
}

describe('a good message', () => {
  it('belongs to the client of its topic', () => {
    expect(parse('presence', { online: true })).toEqual({
      ok: true,
      message: { kind: 'presence', clientUuid: UUID, payload: { online: true } },
    });
  });

  it('on the discovery alias belongs to the client that it names', () => {
    const parsed = parseInboundMessage(DISCOVERY_ALIAS_TOPIC, bytes(JSON.stringify({ uuid: UUID })));
    expect(parsed).toMatchObject({ ok: true, message: { kind: 'discovery_alias', clientUuid: UUID } });
  });

  it('may name its own client, in upper case too', () => {
    expect(parse('heartbeat', { client_uuid: UUID.toUpperCase() })).toMatchObject({ ok: true });
  });

  it('loses fields that nobody knows, at every depth', () => {
    const payload = payloadOf('health', { colour: 'red', metrics: { cpu_percent: 5, fan_rpm: 900 } });
    expect(payload).toEqual({ metrics: { cpu_percent: 5 } });
  });

  it('may say null for what it does not tell', () => {
    const payload = payloadOf('health', {
      process_pid: null,
      metrics: { cpu_percent: null },
      broker_connection: null,
    });
    expect(payload).toEqual({ metrics: {} });
  });

  it('keeps a device time as it was written', () => {
    const timestamp = '2026-11-24T09:30:00+01:00';
    expect(payloadOf('heartbeat', { timestamp })).toEqual({ timestamp });
  });

  it('is freed of control characters', () => {
    expect(payloadOf('service_failed', { unit: 'player\u001b[31m\r\nINFO all is well' })).toEqual({
      unit: 'player [31m INFO all is well',
    });
  });

  it.each(['command_ack', 'command_ack_legacy'] as const)('acknowledges a command: %s', (kind) => {
    expect(payloadOf(kind, { command_id: COMMAND_ID, status: 'accepted' })).toEqual({
      command_id: COMMAND_ID,
      status: 'accepted',
    });
  });

  it('may be a canary of any content', () => {
    expect(parseInboundMessage(canaryTopic('lane-1'), bytes('anything'))).toEqual({
      ok: true,
      message: { kind: 'canary', name: 'lane-1' },
    });
  });
});

describe('an empty body', () => {
  it.each(['', '  \n'])('is a heartbeat: %j', (body) => {
    const parsed = parseInboundMessage(deviceTopic(UUID, 'heartbeat'), bytes(body));
    expect(parsed).toEqual({ ok: true, message: { kind: 'heartbeat', clientUuid: UUID, payload: {} } });
  });

  it('on presence says nothing: it is how a retained one is cleared', () => {
    expect(parseInboundMessage(deviceTopic(UUID, 'presence'), bytes(''))).toEqual({ ok: 'ignore' });
  });

  it.each(KINDS.filter((kind) => kind !== 'heartbeat' && kind !== 'presence'))('is no JSON: %s', (kind) => {
    const parsed = parseInboundMessage(deviceTopic(UUID, kind), bytes(''));
    expect(parsed).toMatchObject({ ok: false, reason: 'invalid_json' });
  });
});

describe('a message is refused', () => {
  it('with unknown_topic where the contract has no such topic', () => {
    expect(parseInboundMessage(`infoscreen/${UUID}/x`, bytes('{}'))).toMatchObject({
      reason: 'unknown_topic',
      clientUuid: undefined,
    });
  });

  it('with payload_too_large from one byte over the limit, before it is read', () => {
    const topic = deviceTopic(UUID, 'heartbeat');
    const padded = (length: number) => bytes(`{}${' '.repeat(length - 2)}`);
    expect(parseInboundMessage(topic, padded(MAX_PAYLOAD_BYTES))).toMatchObject({ ok: true });
    expect(parseInboundMessage(topic, padded(MAX_PAYLOAD_BYTES + 1))).toMatchObject({
      reason: 'payload_too_large',
      clientUuid: UUID,
    });
  });

  it.each([
    ['broken JSON', bytes('{"online": tru')],
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
  ])('with invalid_json: %s', (_what, body) => {
    const parsed = parseInboundMessage(deviceTopic(UUID, 'presence'), body);
    expect(parsed).toMatchObject({ ok: false, reason: 'invalid_json', clientUuid: UUID });
  });

  it.each<[string, DeviceTopicKind, unknown]>([
    ['no object at all', 'heartbeat', null],
    ['an array', 'health', []],
    ['a required field missing', 'presence', {}],
    ['a required field null', 'presence', { online: null }],
    ['a discovery without its UUID', 'discovery', { hostname: 'lobby' }],
    ['an unknown status', 'command_ack', { command_id: COMMAND_ID, status: 'done' }],
    ['a command id that is none', 'command_ack', { command_id: '1', status: 'failed' }],
    ['an unknown process status', 'health', { process_status: 'fine' }],
    ['a percentage over 100', 'health', { metrics: { cpu_percent: 100.1 } }],
    ['a negative percentage', 'health', { metrics: { disk_percent: -1 } }],
    ['a fractional process id', 'health', { process_pid: 1.5 }],
    ['a number that Postgres cannot hold', 'health', { broker_connection: { reconnect_count: 2 ** 31 } }],
    ['a host name of 256 characters', 'discovery', { uuid: UUID, hostname: 'a'.repeat(256) }],
    ['nine recent results', 'heartbeat', { recent_results: results(9) }],
    ['65 failed units', 'health', { failed_units: Array.from({ length: 65 }, () => ({ unit: 'u' })) }],
    ['a unit of white space', 'service_failed', { unit: '   ' }],
    ['a unit of control characters', 'service_failed', { unit: '\u0000\u0001' }],
    ['a time that is none', 'heartbeat', { timestamp: 'yesterday' }],
  ])('with invalid_payload: %s', (_what, kind, body) => {
    expect(parse(kind, body)).toMatchObject({ ok: false, reason: 'invalid_payload', clientUuid: UUID });
  });

  it('with invalid_payload and the path of what is wrong', () => {
    const parsed = parse('health', { metrics: { cpu_percent: 'hot' } });
    expect(parsed).toMatchObject({ detail: expect.stringContaining('metrics.cpu_percent:') });
  });

  it.each(['uuid', 'client_uuid'])('with uuid_mismatch when its %s is another client', (field) => {
    expect(parse('heartbeat', { [field]: OTHER_UUID })).toMatchObject({
      ok: false,
      reason: 'uuid_mismatch',
      clientUuid: UUID,
    });
  });

  it('with uuid_mismatch when it names its own client in one field and another in the other', () => {
    expect(parse('heartbeat', { uuid: UUID, client_uuid: OTHER_UUID })).toMatchObject({
      reason: 'uuid_mismatch',
    });
  });

  it('at the bounds not yet: they belong to what is allowed', () => {
    expect(parse('heartbeat', { recent_results: results(8) })).toMatchObject({ ok: true });
    expect(parse('health', { metrics: { cpu_percent: 100, disk_percent: 0 } })).toMatchObject({ ok: true });
  });
});

describe('reading a message', () => {
  it('never throws and always says what it is, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.uint8Array({ maxLength: 300 }), (kind, body) => {
        const parsed = parseInboundMessage(deviceTopic(UUID, kind), body);
        if (parsed.ok === false) expect(REJECTION_REASONS).toContain(parsed.reason);
      }),
    );
  });

  it('never believes a payload about which client it is, whatever JSON it holds', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.json(), (kind, body) => {
        const parsed = parseInboundMessage(deviceTopic(UUID, kind), bytes(body));
        if (parsed.ok === true) expect(parsed.message).toHaveProperty('clientUuid', UUID);
        if (parsed.ok === false) expect(parsed.detail.length).toBeLessThanOrEqual(500);
      }),
    );
  });
});

function results(count: number) {
  return Array.from({ length: count }, () => ({ command_id: COMMAND_ID, status: 'completed' }));
}
