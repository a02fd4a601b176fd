import { startEmbeddedBroker } from '@infoscreen/local-stack';
import { connectAccountControl, makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { describe, expect, test } from '@jest/globals';

describe('starting a broker', () => {
  test('gives the admin a new password and keeps the other accounts', async () => {
    const dir = makeTemporaryFolder('broker');
    const admin = { adminUsername: 'admin', adminPassword: 'one' };
    const first = await startEmbeddedBroker({ dir, ...admin });
    const control = await connectAccountControl({ port: first.port, username: 'admin', password: 'one' });
    await control.run({ command: 'createClient', username: 'kept', password: 'x' });
    await control.end();
    await first.stop();
    const second = await startEmbeddedBroker({ dir, ...admin, adminPassword: 'two' });
    const again = await connectAccountControl({ port: second.port, username: 'admin', password: 'two' });
    const [answer] = await again.run({ command: 'listClients' });
    expect(answer?.data).toEqual({ totalCount: 2, clients: ['admin', 'kept'] });
    await again.end();
    await second.stop();
    removeTemporaryFolder(dir);
  });

  test('says in one sentence that its port is in use', async () => {
    const dir = makeTemporaryFolder('broker');
    const broker = await startEmbeddedBroker({ dir, adminUsername: 'admin', adminPassword: 'one' });
    const second = startEmbeddedBroker({
      dir,
      port: broker.port,
      adminUsername: 'admin',
      adminPassword: 'one',
    });
    await expect(second).rejects.toThrow(`Port ${broker.port} for the MQTT broker is in use`);
    await broker.stop();
    removeTemporaryFolder(dir);
  });
});
