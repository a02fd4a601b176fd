import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProbeTls, probeConnection } from '../broker/connection-probe.ts';
import { findMosquitto } from '../broker/find-mosquitto.ts';
import { startBroker } from '../broker/start-broker.ts';
import { freePort, isPortFree } from '../machine/free-port.ts';
import { localPlace } from '../machine/local-place.ts';
import { keepServerRunning } from './keep-server-running.ts';
import type { StackParts } from './stack-parts.ts';
import { StackRefusedError, type StackSettings } from './stack-settings.ts';

const USUAL_PORT = 1883;
const USUAL_TLS_PORT = 8883;
const ANSWER_WITHIN_MS = 5000;

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
    const usual = settings.MQTT_TLS ? USUAL_TLS_PORT : USUAL_PORT;
    const address = { host: settings.MQTT_HOST, port: settings.MQTT_PORT ?? usual };
    await checkForeignBroker({ ...address, ...tlsOf(settings) }, admin);
    return { ...address, description: `the broker at ${address.host}:${address.port}` };
  }
  const kind =
    settings.LOCAL_BROKER ??
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
  const { isRunning, restart: start, stop } = broker;
  parts.onStop('the broker', keepServerRunning({ name: 'the broker', isRunning, start, stop }, parts.logs));
  return {
    host: broker.host,
    port: broker.port,
    description: `${broker.version} on ${broker.host}:${broker.port}`,
  };
}

function tlsOf({ MQTT_TLS, MQTT_CA_FILE: file }: StackSettings): { readonly tls?: ProbeTls } {
  if (!MQTT_TLS) return {};
  try {
    return { tls: file === undefined ? {} : { ca: readFileSync(file, 'utf8') } };
  } catch {
    throw new StackRefusedError(
      `MQTT_CA_FILE names ${file}, which can't be read: set it to the CA's certificate.`,
    );
  }
}

/** @throws StackRefusedError where the services would wait for it in vain */
async function checkForeignBroker(
  { host, port, tls }: { readonly host: string; readonly port: number; readonly tls?: ProbeTls },
  admin: AdminAccount,
): Promise<void> {
  const code = await probeConnection({
    host,
    port,
    ...(tls === undefined ? {} : { tls }),
    ...admin,
    timeoutMs: ANSWER_WITHIN_MS,
  });
  if (code === 0) return;
  throw new StackRefusedError(
    code === undefined
      ? `No MQTT broker answers at ${host}:${port}${tls === undefined ? '' : ' over TLS with a certificate for this name, from a CA that is trusted (MQTT_CA_FILE)'}: start it, or set MQTT_HOST and MQTT_PORT to where one listens.`
      : `The broker at ${host}:${port} refuses "${admin.username}": set MQTT_ADMIN_USER and MQTT_ADMIN_PASSWORD to its account that may write accounts.`,
  );
}

async function choosePort(wanted: number | undefined): Promise<number> {
  if (await isPortFree(wanted ?? USUAL_PORT)) return wanted ?? USUAL_PORT;
  if (wanted === undefined) return freePort();
  throw new StackRefusedError(
    `Port ${wanted} is in use: stop what listens there, or set MQTT_PORT to another port.`,
  );
}
