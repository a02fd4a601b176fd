import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ACL_TYPES,
  accessOfServices,
  accountAdminAccess,
  aclRules,
  CONTROL_REQUEST_TOPIC,
  CONTROL_RESPONSE_TOPIC,
  canaryTopic,
  commandTopics,
  DEFAULT_ACL_ACCESS,
  DEVICE_TOPIC_SUFFIXES,
  type DeviceTopicKind,
  deviceAccess,
  deviceTopic,
  filterCovers,
  listenerAccess,
  schedulerAccess,
  serverAccess,
  serviceAccess,
  type TopicAccess,
  topicMatches,
  unitedAccess,
  watchAccess,
} from '../../src/index.ts';

const UUID = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b';
const OTHER_UUID = '0190a1b2-c3d4-7e5f-8a9b-ffffffffffff';
const KINDS = Object.keys(DEVICE_TOPIC_SUFFIXES) as DeviceTopicKind[];
const COMMANDS = commandTopics(UUID, { legacy: true });

const mayPublish = (access: TopicAccess, topic: string) =>
  access.publish.some((filter) => topicMatches(filter, topic));
const maySubscribe = (access: TopicAccess, requested: string) =>
  access.subscribe.some((granted) => filterCovers(granted, requested));
const mayReceive = (access: TopicAccess, topic: string) =>
  access.receive.some((filter) => topicMatches(filter, topic));

describe('a screen', () => {
  const access = deviceAccess(UUID);

  it('publishes on each of its own topics and on the discovery alias', () => {
    for (const kind of KINDS) expect(mayPublish(access, deviceTopic(UUID, kind))).toBe(true);
    expect(mayPublish(access, 'infoscreen/discovery')).toBe(true);
  });

  it('reads its own commands, on both topics', () => {
    for (const topic of COMMANDS) {
      expect(maySubscribe(access, topic)).toBe(true);
      expect(mayReceive(access, topic)).toBe(true);
    }
  });

  it('sends no commands, to itself neither', () => {
    for (const topic of COMMANDS) expect(mayPublish(access, topic)).toBe(false);
  });

  it('touches no other screen', () => {
    for (const kind of KINDS) {
      expect(mayPublish(access, deviceTopic(OTHER_UUID, kind))).toBe(false);
      expect(mayReceive(access, deviceTopic(OTHER_UUID, kind))).toBe(false);
    }
    for (const topic of commandTopics(OTHER_UUID, { legacy: true })) {
      expect(mayPublish(access, topic)).toBe(false);
      expect(maySubscribe(access, topic)).toBe(false);
    }
  });

  it.each([
    '#',
    '+/#',
    'infoscreen/#',
    'infoscreen/+/commands',
    `infoscreen/${UUID}/#`,
    `infoscreen/${UUID}/+`,
    '$SYS/#',
    CONTROL_RESPONSE_TOPIC,
    `$share/group/infoscreen/${UUID}/commands`,
  ])('is refused the subscription %s', (filter) => {
    expect(maySubscribe(access, filter)).toBe(false);
  });

  it.each([CONTROL_REQUEST_TOPIC, '$SYS/x', canaryTopic('lane-1'), 'infoscreen/x', 'x'])(
    'is refused to publish, also as its last will, on %s',
    (topic) => {
      expect(mayPublish(access, topic)).toBe(false);
    },
  );

  it('shares no topic with another one, but the discovery alias', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (one, other) => {
        fc.pre(one !== other);
        const shared = deviceAccess(one).publish.filter((topic) =>
          deviceAccess(other).publish.includes(topic),
        );
        expect(shared).toEqual(['infoscreen/discovery']);
      }),
    );
  });
});

describe('the services', () => {
  const access = serviceAccess();

  it('read everything of the fleet, as an operator with their account does', () => {
    for (const kind of KINDS)
      expect(maySubscribe(access, `infoscreen/+/${DEVICE_TOPIC_SUFFIXES[kind]}`)).toBe(true);
    for (const topic of [...COMMANDS, canaryTopic('lane-1')]) expect(mayReceive(access, topic)).toBe(true);
  });

  it('send commands and canaries, and clear a retained presence', () => {
    for (const topic of [...COMMANDS, canaryTopic('lane-1'), deviceTopic(UUID, 'presence')])
      expect(mayPublish(access, topic)).toBe(true);
  });

  it.each(KINDS.filter((kind) => kind !== 'presence'))('speak for no screen: %s', (kind) => {
    expect(mayPublish(access, deviceTopic(UUID, kind))).toBe(false);
  });

  it('reach neither the accounts nor the inside of the broker', () => {
    expect(mayPublish(access, CONTROL_REQUEST_TOPIC)).toBe(false);
    expect(maySubscribe(access, CONTROL_RESPONSE_TOPIC)).toBe(false);
    expect(maySubscribe(access, '$SYS/#')).toBe(false);
    expect(maySubscribe(access, '#')).toBe(false);
  });
});

describe('a service with an account of its own', () => {
  const speaks = (access: TopicAccess) =>
    [...COMMANDS, ...KINDS.map((kind) => deviceTopic(UUID, kind)), canaryTopic('x')].filter((topic) =>
      mayPublish(access, topic),
    );

  it('is the server: sends commands, clears presence, reads nothing', () => {
    expect(speaks(serverAccess())).toEqual([...COMMANDS, deviceTopic(UUID, 'presence')]);
    expect([...serverAccess().subscribe, ...serverAccess().receive]).toEqual([]);
  });

  it('is the scheduler: sends commands, reads nothing', () => {
    expect(speaks(schedulerAccess())).toEqual(COMMANDS);
    expect([...schedulerAccess().subscribe, ...schedulerAccess().receive]).toEqual([]);
  });

  it('is the listener: hears screens and its canaries, sends canaries and no command', () => {
    const access = listenerAccess();
    expect(speaks(access)).toEqual([canaryTopic('x')]);
    const heard = [...KINDS.map((kind) => deviceTopic(UUID, kind)), 'infoscreen/discovery', canaryTopic('x')];
    for (const topic of heard) expect([topic, mayReceive(access, topic)]).toEqual([topic, true]);
    for (const topic of COMMANDS) expect([topic, mayReceive(access, topic)]).toEqual([topic, false]);
    expect(maySubscribe(access, 'infoscreen/#')).toBe(false);
  });

  it('shares an account with another one: what both need, and no more', () => {
    expect(accessOfServices(['server', 'scheduler'])).toEqual(serverAccess());
    expect(accessOfServices([])).toEqual({ publish: [], subscribe: [], receive: [] });
  });
});

describe('the rights of several together', () => {
  it('name each filter once, and none that another one covers', () => {
    expect(unitedAccess([watchAccess(), listenerAccess()])).toEqual({
      publish: [canaryTopic('+')],
      subscribe: ['infoscreen/#'],
      receive: ['infoscreen/#'],
    });
  });
});

describe('the account that keeps the accounts', () => {
  const access = accountAdminAccess();

  it('talks to the broker about accounts', () => {
    expect(mayPublish(access, CONTROL_REQUEST_TOPIC)).toBe(true);
    expect(maySubscribe(access, CONTROL_RESPONSE_TOPIC)).toBe(true);
    expect(mayReceive(access, CONTROL_RESPONSE_TOPIC)).toBe(true);
  });

  it('takes no part in the traffic of the fleet', () => {
    for (const topic of [...COMMANDS, deviceTopic(UUID, 'heartbeat')]) {
      expect(mayPublish(access, topic)).toBe(false);
      expect(mayReceive(access, topic)).toBe(false);
    }
  });
});

describe('the rules that the broker is given', () => {
  it('grant exactly the access, a filter with wildcards as a pattern', () => {
    expect(aclRules({ publish: ['a'], subscribe: ['b', 'c/+', 'd/#'], receive: ['e'] })).toEqual(
      [
        { acltype: 'publishClientSend', topic: 'a' },
        { acltype: 'publishClientReceive', topic: 'e' },
        { acltype: 'subscribeLiteral', topic: 'b' },
        { acltype: 'subscribePattern', topic: 'c/+' },
        { acltype: 'subscribePattern', topic: 'd/#' },
      ].map((rule) => ({ ...rule, priority: 0, allow: true })),
    );
  });

  it('only ever allow: what none of them names is refused by default', () => {
    const rules = [deviceAccess(UUID), serviceAccess(), accountAdminAccess()].flatMap(aclRules);
    expect(rules.every(({ allow }) => allow)).toBe(true);
    for (const { acltype } of rules) expect(ACL_TYPES).toContain(acltype);
    expect(DEFAULT_ACL_ACCESS).toMatchObject({
      publishClientSend: false,
      publishClientReceive: false,
      subscribe: false,
    });
  });
});
