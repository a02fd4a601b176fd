import { randomUUID } from 'node:crypto';
import { connectBroker, type LinkOptions } from '@infoscreen/device-agent';
import { CONTROL_REQUEST_TOPIC, deviceTopic } from '@infoscreen/shared-types';
import {
  type CertificateBroker,
  connectAccountControl,
  connectMqtt,
  createTestAuthority,
  eventually,
  type IssuedCertificate,
  type MqttConnection,
  mosquittoAvailable,
  startCertificateBroker,
  startTcpProxy,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const suite = mosquittoAvailable() ? describe : describe.skip;

suite('a Mosquitto at which screens log in with certificates', () => {
  let made: CertificateBroker;
  let watcher: MqttConnection;
  beforeAll(async () => {
    made = await startCertificateBroker();
    watcher = await made.broker.connectService({ clientId: 'watcher' });
    await watcher.subscribe('infoscreen/#');
  }, 30_000);
  afterAll(async () => {
    await watcher?.end();
    await made?.broker.stop();
  });

  const connectWith = ({ cert, key }: IssuedCertificate, clientId = 'whatever') =>
    connectMqtt({ port: made.certificatePort, clientId, tls: { ca: made.authority.cert, cert, key } });
  const screen = async (uuid = randomUUID()) => {
    const certificate = await made.screens.issue({ commonName: uuid });
    return { uuid, certificate, connect: () => connectWith(certificate) };
  };
  const agentLink = (uuid: string, certificate: IssuedCertificate, options: Partial<LinkOptions> = {}) =>
    connectBroker({
      host: 'localhost',
      port: made.certificatePort,
      tls: { ca: made.authority.cert, cert: certificate.cert, key: certificate.key },
      clientId: uuid,
      username: uuid,
      keepaliveSeconds: 30,
      will: { topic: deviceTopic(uuid, 'presence'), payload: 'gone', qos: 1, retain: true },
      onMessage: async () => {},
      ...options,
    });
  /** All that `connection` published before has arrived, as far as it arrives at all. */
  const settled = async (connection: MqttConnection) => {
    await connection.publish('nowhere', 'refused, but answered in its turn');
    const fence = randomUUID();
    await watcher.publish('infoscreen/_canary/fence', fence);
    await watcher.waitFor(({ text }) => text === fence);
  };

  it('lets the agent in without a password: it is heard, gets its commands, and leaves its last will', async () => {
    const { uuid, certificate } = await screen();
    const commands: string[] = [];
    const link = await agentLink(uuid, certificate, {
      onMessage: async (payload) => void commands.push(payload.toString()),
    });
    await link.subscribe([`infoscreen/${uuid}/commands`]);
    await link.publish({ topic: deviceTopic(uuid, 'heartbeat'), payload: uuid, qos: 1 });
    await watcher.waitFor(({ text }) => text === uuid);
    await watcher.publish(`infoscreen/${uuid}/commands`, 'a command');
    await eventually(() => commands.length === 1);
    link.cut();
    await watcher.waitFor(({ topic, text }) => topic === deviceTopic(uuid, 'presence') && text === 'gone');
  });

  it('sends the last will of a screen that falls silent', async () => {
    const { uuid, certificate } = await screen();
    const proxy = await startTcpProxy({ target: { host: '127.0.0.1', port: made.certificatePort } });
    const topic = deviceTopic(uuid, 'presence');
    const silent = await connectMqtt({
      port: proxy.port,
      clientId: uuid,
      keepaliveSeconds: 1,
      tls: { ca: made.authority.cert, cert: certificate.cert, key: certificate.key },
      will: { topic, payload: Buffer.from(uuid), qos: 1, retain: false },
    });
    proxy.stall();
    await watcher.waitFor((message) => message.topic === topic && message.text === uuid, {
      deadlineMs: 15_000,
    });
    await silent.cut();
    await proxy.stop();
  }, 20_000);

  it('takes neither a client without a certificate, nor one in clear, nor one of another CA, nor one expired', async () => {
    const port = made.certificatePort;
    const ca = made.authority.cert;
    const uuid = randomUUID();
    const strangers = [
      await (await createTestAuthority()).issue({ commonName: uuid }),
      await made.authority.issue({ commonName: uuid }),
      await made.screens.issue({ commonName: uuid, expiredDaysAgo: 1 }),
    ];
    await expect(connectMqtt({ port, clientId: uuid, tls: { ca } })).rejects.toThrow();
    await expect(connectMqtt({ port, clientId: uuid, ...made.broker.service })).rejects.toThrow();
    for (const stranger of strangers) await expect(connectWith(stranger)).rejects.toThrow();
  });

  it('keeps both kinds apart: a password brings nothing here, a certificate nothing there', async () => {
    const { uuid, certificate } = await screen();
    const ca = made.authority.cert;
    const { cert, key } = certificate;
    const withPassword = { clientId: uuid, tls: { ca }, ...made.broker.service };
    await expect(connectMqtt({ port: made.certificatePort, ...withPassword })).rejects.toThrow();
    const asService = await connectMqtt({
      port: made.certificatePort,
      clientId: uuid,
      tls: { ca, cert, key },
      ...made.broker.service,
    });
    const marker = randomUUID();
    await asService.publish(`infoscreen/${uuid}/commands`, marker);
    await settled(asService);
    expect(watcher.messages.filter(({ text }) => text === marker)).toEqual([]);
    await asService.end();
    const there = { port: made.broker.port, clientId: uuid, tls: { ca, cert, key } };
    await expect(connectMqtt(there)).rejects.toMatchObject({ code: 5 });
    await expect(connectMqtt({ ...there, username: uuid, password: '' })).rejects.toMatchObject({ code: 5 });
  });

  // The CA of the screens should issue no such name; if it ever does, this is all that comes of it.
  it.each([
    '+',
    '#',
    '+/+',
    '$SYS',
    '$CONTROL',
    'account-admin',
    'service',
    'infoscreen',
    '_canary',
    '%u',
    '%c',
  ])(
    'gives a certificate of the name %j nothing that anybody takes for a screen, a service or the admin',
    async (commonName) => {
      const victim = await screen();
      const target = await victim.connect();
      await target.subscribe(`infoscreen/${victim.uuid}/commands`);
      const certificate = await made.screens.issue({ commonName });
      const intruder = await connectWith(certificate, victim.uuid).catch(() => undefined);
      // A name that no client id may be isn't let in at all.
      if (intruder === undefined) return;
      for (const filter of [
        '#',
        'infoscreen/#',
        '$SYS/#',
        '$CONTROL/#',
        `infoscreen/${victim.uuid}/commands`,
      ])
        await intruder.subscribe(filter);
      const marker = randomUUID();
      const topics = [
        `infoscreen/${victim.uuid}/heartbeat`,
        `infoscreen/${victim.uuid}/commands/ack`,
        `infoscreen/${victim.uuid}/commands`,
        `infoscreen/${commonName}/commands`.replaceAll(/[+#]/g, 'x'),
        'infoscreen/_canary/4-0',
      ];
      for (const topic of topics) await intruder.publish(topic, marker);
      const commands = [{ command: 'createClient', username: marker, password: 'x' }];
      await intruder.publish(CONTROL_REQUEST_TOPIC, { commands });
      await watcher.publish(`infoscreen/${victim.uuid}/commands`, 'for the victim');
      await target.waitFor(({ text }) => text === 'for the victim');
      await settled(intruder);
      expect(watcher.messages.filter(({ text }) => text === marker)).toEqual([]);
      expect(target.messages.map(({ text }) => text)).toEqual(['for the victim']);
      expect(intruder.messages).toEqual([]);
      const control = await connectAccountControl({
        port: made.broker.port,
        tls: { ca: made.authority.cert },
        ...made.broker.admin,
      });
      const [answer] = await control.ask([{ command: 'getClient', username: marker }]);
      expect(answer?.error).toMatch(/not found/);
      await control.end();
      await intruder.end();
      expect(target.isConnected()).toBe(true);
      await target.end();
    },
  );

  it('refuses a revoked certificate from the reload on, without a restart, while others stay connected', async () => {
    const revoked = await screen();
    const other = await screen();
    const before = await revoked.connect();
    const neighbour = await other.connect();
    const { pid } = made.broker;
    await made.revoke([revoked.certificate]);
    await eventually(async () => {
      const again = await revoked.connect().catch(() => undefined);
      await again?.end();
      return again === undefined;
    });
    await expect(agentLink(revoked.uuid, revoked.certificate)).rejects.toThrow(/certificate revoked/);
    expect([neighbour.isConnected(), watcher.isConnected(), made.broker.pid === pid]).toEqual([
      true,
      true,
      true,
    ]);
    await (await other.connect()).end();
    await before.end();
    await made.revoke([]);
  });
});

// Rules of each listener's own hang on the listener, which a session from the disk has to be given back.
suite('a Mosquitto with certificates that was restarted', () => {
  it('keeps what is sent to sessions that have not come back yet, of both kinds', async () => {
    const { broker, screens, authority, certificatePort } = await startCertificateBroker();
    const uuid = randomUUID();
    const { cert, key } = await screens.issue({ commonName: uuid });
    const asScreen = () =>
      connectMqtt({
        port: certificatePort,
        clientId: uuid,
        clean: false,
        tls: { ca: authority.cert, cert, key },
      });
    const asListener = () => broker.connectService({ clientId: 'lane', clean: false });
    const [screen, lane] = [await asScreen(), await asListener()];
    await screen.subscribe(`infoscreen/${uuid}/commands`);
    await lane.subscribe('infoscreen/+/commands/ack');
    await screen.cut();
    await lane.cut();
    await broker.restart();
    const sender = await broker.connectService({ clientId: 'sender' });
    await sender.publish(`infoscreen/${uuid}/commands`, 'a command');
    const other = randomUUID();
    const speaker = await screens.issue({ commonName: other });
    const speaking = await connectMqtt({
      port: certificatePort,
      clientId: other,
      tls: { ca: authority.cert, cert: speaker.cert, key: speaker.key },
    });
    await speaking.publish(`infoscreen/${other}/commands/ack`, 'an ACK');
    const [screenAgain, laneAgain] = [await asScreen(), await asListener()];
    await screenAgain.waitFor(({ text }) => text === 'a command');
    await laneAgain.waitFor(({ text }) => text === 'an ACK');
    for (const each of [sender, speaking, screenAgain, laneAgain]) await each.end();
    await broker.stop();
  }, 30_000);
});
