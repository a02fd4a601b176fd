import { randomBytes } from 'node:crypto';
import { aclRules } from '@infoscreen/shared-types';
import { connectAccountControl, naiveListenerAccess } from '@infoscreen/test-kit';
import type { ChaosBroker } from './chaos-broker.ts';

/** An account of the naive listener's own: the services' is refused what one of the twins needs, and made only later. */
export async function addNaiveAccount({ broker, admin }: ChaosBroker): Promise<Record<string, string>> {
  const account = { username: 'naive', password: randomBytes(24).toString('base64url') };
  const control = await connectAccountControl({ port: broker.port, ...admin });
  try {
    await control.run(
      { command: 'createRole', rolename: account.username, acls: aclRules(naiveListenerAccess()) },
      { command: 'createClient', ...account, roles: [{ rolename: account.username }] },
    );
  } finally {
    await control.end();
  }
  return { MQTT_USER: account.username, MQTT_PASSWORD: account.password };
}
