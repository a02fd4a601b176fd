import { randomUUID } from 'node:crypto';
import { type BrokerLink, connectBroker } from '@infoscreen/device-agent';
import { deviceTopic } from '@infoscreen/shared-types';
import { createTestAuthority, mosquittoAvailable, startTlsBroker } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';

const suite = mosquittoAvailable() ? describe : describe.skip;

suite('the agent, when the broker cannot prove who it is', () => {
  const connect = (port: number, ca: string): Promise<BrokerLink> => {
    const uuid = randomUUID();
    return connectBroker({
      host: 'localhost',
      port,
      tls: { ca },
      clientId: uuid,
      username: uuid,
      password: 'secret',
      keepaliveSeconds: 30,
      will: { topic: deviceTopic(uuid, 'presence'), payload: 'gone', qos: 1 },
      onMessage: async () => {},
    });
  };

  it.each([
    ['its certificate is from another CA', {}, true, /no CA that is known.*MQTT_CA_FILE/],
    [
      'its certificate is for another name',
      { hosts: ['broker.example'] },
      false,
      /not for the name "localhost"/,
    ],
    ['its certificate has expired', { expiredDaysAgo: 1 }, false, /has expired/],
  ])('does not log in: %s', async (_case, certificate, isOtherCa, reason) => {
    const { broker, tlsPort, authority } = await startTlsBroker(certificate);
    const { cert } = isOtherCa ? await createTestAuthority() : authority;
    await expect(connect(tlsPort, cert)).rejects.toThrow(reason);
    await broker.stop();
  });

  it('logs in where it can, and is told by the broker itself that it has no account', async () => {
    const { broker, tlsPort, authority } = await startTlsBroker();
    await expect(connect(tlsPort, authority.cert)).rejects.toThrow(/Not authorized/);
    await expect(connect(broker.port, authority.cert)).rejects.toThrow();
    await broker.stop();
  });
});
