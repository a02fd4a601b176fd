import {
  DEVICE_TOPIC_SUFFIXES,
  type DeviceTopicKind,
  DISCOVERY_ALIAS_TOPIC,
  deviceTopic,
  MAX_PAYLOAD_BYTES,
  TOPIC_ROOT,
} from '@infoscreen/shared-types';
import fc from 'fast-check';
import { EVIL_JSON } from '../evil-values.ts';
import { mutateJson, mutations } from '../mutate-json.ts';
import type { FuzzedScreens } from './fuzzed-screens.ts';
import { validPayloads } from './valid-payloads.ts';

export interface FuzzMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

/** A broker ends the connection of whoever sends more than it takes. */
const MAX_SENT_BYTES = 200_000;

const KINDS = [...(Object.keys(DEVICE_TOPIC_SUFFIXES) as DeviceTopicKind[]), 'discovery_alias' as const];
type Kind = (typeof KINDS)[number];

/** Messages on every topic of the contract and beside it, from what is valid to plain noise. */
export function fuzzMessages(screens: FuzzedScreens): fc.Arbitrary<FuzzMessage> {
  const sender = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...screens.known) },
    { weight: 2, arbitrary: fc.constantFrom(...screens.unknown) },
    { weight: 1, arbitrary: fc.constantFrom(...screens.deleted) },
    { weight: 1, arbitrary: fc.uuid() },
  );
  const retain = fc.nat(30).map((value) => value === 0);
  return fc
    .tuple(fc.constantFrom(...KINDS), sender)
    .chain(([kind, uuid]) =>
      fc.record({
        topic: topics(kind, uuid),
        payload: fc.oneof(
          { weight: 12, arbitrary: nearlyValid(validPayloads(kind, uuid, screens)) },
          { weight: 1, arbitrary: fc.constantFrom(...EVIL_JSON).map((text) => Buffer.from(text)) },
          { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
        ),
        retain,
      }),
    )
    .filter(({ payload }) => payload.byteLength <= MAX_SENT_BYTES);
}

function nearlyValid(payloads: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  const changes = fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(mutations, { minLength: 1, maxLength: 3 }) },
  );
  return fc
    .tuple(payloads, changes, damages)
    .map(([payload, mutationsOfIt, damage]) =>
      damage(Buffer.from(JSON.stringify(mutationsOfIt.reduce(mutateJson, payload)) ?? '')),
    );
}

type Damage = (bytes: Buffer) => Buffer;

const intact: Damage = (bytes) => bytes;
const paddedTo =
  (size: number): Damage =>
  (bytes) =>
    bytes.byteLength >= size ? bytes : Buffer.concat([bytes, Buffer.alloc(size - bytes.byteLength, ' ')]);

/** What a wire, a charset or a careless agent makes of a payload's bytes. */
const damages: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 20, arbitrary: fc.constant(intact) },
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (at): Damage =>
        (bytes) =>
          bytes.subarray(0, at % (bytes.byteLength + 1)),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(), fc.nat(255)).map(
      ([at, byte]): Damage =>
        (bytes) => {
          const changed = Buffer.from(bytes);
          if (changed.byteLength > 0) changed[at % changed.byteLength] = byte;
          return changed;
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Damage>(
      () => Buffer.alloc(0),
      (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le'),
      (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
      (bytes) => Buffer.concat([bytes, bytes]),
      (bytes) => Buffer.concat([bytes, Buffer.from([0])]),
      (bytes) => Buffer.concat([bytes, Buffer.from([0xed, 0xa0, 0x80])]),
      paddedTo(MAX_PAYLOAD_BYTES),
      paddedTo(MAX_PAYLOAD_BYTES + 1),
      paddedTo(2 * MAX_PAYLOAD_BYTES),
    ),
  },
);

/** Levels that a broker takes: no wildcards, no control characters. */
const level = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '$SYS',
    '_canary',
    'discovery',
    'ÄÖ',
    '😀',
    'commands',
    'ack',
    'x'.repeat(300),
    "'--",
    '<b>',
  ),
  fc.stringMatching(/^[a-zA-Z0-9 .:$_-]{1,12}$/),
);

function topics(kind: Kind, uuid: string): fc.Arbitrary<string> {
  const own = kind === 'discovery_alias' ? DISCOVERY_ALIAS_TOPIC : deviceTopic(uuid, kind);
  const suffix = kind === 'discovery_alias' ? 'discovery' : DEVICE_TOPIC_SUFFIXES[kind];
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant(own) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        own.replace(uuid, uuid.toUpperCase()),
        own.replace(uuid, uuid.replaceAll('-', '')),
        own.replace(uuid, `{${uuid}}`),
        own.replace(uuid, uuid.slice(0, -1)),
        `${own}/`,
        `${own}/more`,
        own.toUpperCase(),
        `${TOPIC_ROOT}//${suffix}`,
        `${TOPIC_ROOT}/${uuid}/commands`,
        `${TOPIC_ROOT}/_canary/${suffix}`,
        `${TOPIC_ROOT}/_canary/lane-0`,
        `${TOPIC_ROOT}/_canary/telemetry-1`,
      ),
    },
    { weight: 1, arbitrary: level.map((name) => `${TOPIC_ROOT}/${name}/${suffix}`) },
    {
      weight: 1,
      arbitrary: fc
        .array(level, { minLength: 1, maxLength: 5 })
        .map((levels) => `${TOPIC_ROOT}/${levels.join('/')}`),
    },
  );
}
