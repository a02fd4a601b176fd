import { join } from 'node:path';
import { findMosquitto } from '../broker/find-mosquitto.ts';
import { startBroker } from '../broker/start-broker.ts';
import { localBroker } from '../env.ts';
import { freePort, isPortFree } from '../machine/free-port.ts';
import { localPlace } from '../machine/local-place.ts';
import type { StackParts } from './stack-parts.ts';
import { StackRefusedError, type StackSettings } from './stack-settings.ts';

const USUAL_PORT = 1883;

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly description: string;
}

interface AdminAccount {
  readonly username: string;
  readonly password: string;
}

/** The broker at `MQTT_HOST`, else one of our own, on the usual port where that is free. */
export async function startLocalBroker(
  settings: StackSettings,
  admin: AdminAccount,
  parts: StackParts,
): Promise<BrokerAddress> {
  if (settings.MQTT_HOST !== undefined) {
    const port = settings.MQTT_PORT ?? USUAL_PORT;
    return { host: settings.MQTT_HOST, port, description: `the broker at ${settings.MQTT_HOST}:${port}` };
  }
  const kind =
    localBroker() ??
    (await findMosquitto().then((found) => (found.kind === 'found' ? 'mosquitto' : 'embedded')));
  parts.say(`starting the broker (${kind}; its accounts stay in .local)`);
  const broker = await startBroker({
    kind,
    dir: join(localPlace(), `broker-${kind}`),
    port: await choosePort(settings.MQTT_PORT),
    adminUsername: admin.username,
    adminPassword: admin.password,
    onLogLine: (line) => parts.logs.write('broker', line, { shown: false }),
  });
  parts.onStop('the broker', () => broker.stop());
  return {
    host: broker.host,
    port: broker.port,
    description: `${broker.version} on ${broker.host}:${broker.port}`,
  };
}

async function choosePort(wanted: number | undefined): Promise<number> {
  if (await isPortFree(wanted ?? USUAL_PORT)) return wanted ?? USUAL_PORT;
  if (wanted === undefined) return freePort();
  throw new StackRefusedError(
    `Port ${wanted} is in use: stop what listens there, or set MQTT_PORT to another port.`,
  );
}
