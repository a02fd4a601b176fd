import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  canaryTopic,
  commandTopics,
  DEVICE_TOPIC_SUFFIXES,
  type DeviceTopicKind,
  DISCOVERY_ALIAS_TOPIC,
  deviceTopic,
  fleetFilter,
  parseInboundTopic,
  topicMatches,
} from '../../src/index.ts';

const UUID = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const KINDS = Object.keys(DEVICE_TOPIC_SUFFIXES) as DeviceTopicKind[];

describe('the topics of a device', () => {
  it.each([
    ['discovery', `infoscreen/${UUID}/discovery`],
    ['heartbeat', `infoscreen/${UUID}/heartbeat`],
    ['health', `infoscreen/${UUID}/health`],
    ['service_failed', `infoscreen/${UUID}/service_failed`],
    ['presence', `infoscreen/${UUID}/presence`],
    ['command_ack', `infoscreen/${UUID}/commands/ack`],
    ['command_ack_legacy', `infoscreen/${UUID}/command/ack`],
  ] as const)('have fixed names: %s is %s', (kind, topic) => {
    expect(deviceTopic(UUID, kind)).toBe(topic);
  });

  it('are read back as what they were built from, for every kind and every UUID', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.constantFrom(...KINDS), (clientUuid, kind) => {
        expect(parseInboundTopic(deviceTopic(clientUuid, kind))).toEqual({ kind, clientUuid });
      }),
    );
  });

  it('are matched by the fleet filter of their kind, and by no other', () => {
    for (const kind of KINDS) {
      const matching = KINDS.filter((other) => topicMatches(fleetFilter(other), deviceTopic(UUID, kind)));
      expect(matching).toEqual([kind]);
    }
  });
});

describe('the topics of commands', () => {
  it('are the current one, then the alias when older agents are served', () => {
    expect(commandTopics(UUID, { legacy: true })).toEqual([
      `infoscreen/${UUID}/commands`,
      `infoscreen/${UUID}/command`,
    ]);
  });

  it('are the current one only when no older agents are served', () => {
    expect(commandTopics(UUID, { legacy: false })).toEqual([`infoscreen/${UUID}/commands`]);
  });

  it('are none that the services listen to', () => {
    for (const topic of commandTopics(UUID, { legacy: true }))
      expect(parseInboundTopic(topic)).toBeUndefined();
  });
});

describe('a topic that a message came on', () => {
  it('is the discovery alias without a UUID', () => {
    expect(DISCOVERY_ALIAS_TOPIC).toBe('infoscreen/discovery');
    expect(parseInboundTopic('infoscreen/discovery')).toEqual({ kind: 'discovery_alias' });
  });

  it('is a canary with its name', () => {
    expect(parseInboundTopic(canaryTopic('lane-3'))).toEqual({ kind: 'canary', name: 'lane-3' });
  });

  it.each([
    ['an upper-case UUID', `infoscreen/${UUID.toUpperCase()}/heartbeat`],
    ['a UUID without hyphens', `infoscreen/${UUID.replaceAll('-', '')}/heartbeat`],
    ['a level too many', `infoscreen/${UUID}/heartbeat/now`],
    ['a level too few', `infoscreen/${UUID}`],
    ['another root', `signage/${UUID}/heartbeat`],
    ['an unknown last level', `infoscreen/${UUID}/screenshot`],
    ['a name of the object prototype', `infoscreen/${UUID}/constructor`],
    ['a canary with a level too many', `${canaryTopic('lane-3')}/x`],
    ['an empty topic', ''],
  ])('is none of ours: %s', (_what, topic) => {
    expect(parseInboundTopic(topic)).toBeUndefined();
  });

  it('never makes reading it throw', () => {
    fc.assert(
      fc.property(fc.string(), (topic) => {
        const parsed = parseInboundTopic(`infoscreen/${topic}`);
        expect([undefined, 'canary', 'discovery_alias', ...KINDS]).toContain(parsed?.kind);
      }),
    );
  });
});
