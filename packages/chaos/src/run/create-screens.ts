import type { ScreenAccount } from '../screens/screen-messages.ts';
import type { Operator } from '../stream/operator.ts';
import type { ChaosSystem } from '../system/start-system.ts';

const AT_A_TIME = 8;

/** Makes the screens' accounts through the API; every second screen reaches the broker over a link that can be broken. */
export async function createScreens(
  system: ChaosSystem,
  operator: Operator,
  count: number,
): Promise<ScreenAccount[]> {
  const serverUrl = system.of('server')[0]?.url ?? '';
  await operator.logIn(serverUrl);
  const accounts: ScreenAccount[] = [];
  while (accounts.length < count) {
    const many = Math.min(AT_A_TIME, count - accounts.length);
    const made = await Promise.all(
      Array.from({ length: many }, (_, index) =>
        operator.createScreen(serverUrl, `chaos-${accounts.length + index}`),
      ),
    );
    for (const account of made)
      accounts.push({ ...account, mqttPort: system.brokerPorts[accounts.length % 2] as number });
  }
  return accounts;
}
