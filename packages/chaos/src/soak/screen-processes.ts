import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScreenAccount } from '@infoscreen/device-agent';
import {
  type ApiUser,
  type Fleet,
  makeTemporaryFolder,
  removeTemporaryFolder,
  startProcess,
} from '@infoscreen/test-kit';

const SCREENS_PER_PROCESS = 250;
const REQUESTS_AT_ONCE = 16;

/** Makes accounts through the API, as an operator's script would. */
export async function makeAccounts(admin: ApiUser, count: number): Promise<ScreenAccount[]> {
  const accounts: ScreenAccount[] = [];
  const numbers = Array.from({ length: count }, (_, n) => n).values();
  const make = async () => {
    for (const n of numbers) {
      const { status, json } = await admin.call('POST', '/api/clients', { hostname: `soak-${n}` });
      if (status !== 201) throw new Error(`POST /api/clients was answered with ${status}`);
      const { username, password } = json.mqtt as { username: string; password: string };
      accounts.push({ uuid: username, password });
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, make));
  return accounts;
}

export interface ScreenIntervals {
  readonly heartbeatSeconds: number;
  readonly healthSeconds: number;
}

/** Runs the screens as processes of their own, several hundred connections in each. @returns what ends them */
export async function startScreenProcesses(
  { broker }: Pick<Fleet, 'broker'>,
  accounts: readonly ScreenAccount[],
  { heartbeatSeconds, healthSeconds }: ScreenIntervals,
): Promise<() => Promise<void>> {
  const folder = makeTemporaryFolder('soak');
  const groups = Array.from({ length: Math.ceil(accounts.length / SCREENS_PER_PROCESS) }, (_, index) =>
    accounts.slice(index * SCREENS_PER_PROCESS, (index + 1) * SCREENS_PER_PROCESS),
  );
  const processes = await Promise.all(
    groups.map((group, index) => {
      const file = join(folder, `screens-${index}.json`);
      writeFileSync(file, JSON.stringify(group), { mode: 0o600 });
      return startProcess({
        entry: 'packages/device-agent/dist/main.js',
        env: {
          MQTT_HOST: broker.host,
          MQTT_PORT: String(broker.port),
          SIMULATED_SCREENS_FILE: file,
          HEARTBEAT_INTERVAL_SECONDS: String(heartbeatSeconds),
          HEALTH_INTERVAL_SECONDS: String(healthSeconds),
          REBOOT_SECONDS: '5',
        },
      });
    }),
  );
  return async () => {
    await Promise.all(processes.map((process) => process.stop()));
    removeTemporaryFolder(folder);
  };
}
