import type { BrokerKind } from '../env.ts';
import { freePort, isPortFree, LOOPBACK } from '../machine/free-port.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { Broker, BrokerOptions } from './broker.ts';
import { type ProbeTls, probeConnection } from './connection-probe.ts';

export interface BrokerProgram {
  readonly kind: BrokerKind;
  readonly version: string;
  /** Of the CA of its certificate, PEM, where its port takes TLS. */
  readonly ca?: string;
  /** Starts the process; it need not be ready yet. */
  launch(port: number): Promise<ManagedProcess>;
}

const START_DEADLINE_MS = 20_000;
const PORT_ATTEMPTS = 10;

/**
 * Runs a broker's process and resolves when it accepts the admin account.
 * @throws one sentence that says what to do
 */
export async function runBroker(program: BrokerProgram, options: BrokerOptions): Promise<Broker> {
  let { child, port } = await launchOnSomePort(program, options);
  return {
    kind: program.kind,
    version: program.version,
    host: LOOPBACK,
    get port() {
      return port;
    },
    get pid() {
      return child.pid;
    },
    isRunning: () => child.isRunning(),
    stop: async () => {
      await child.stop();
    },
    kill: (signal) => child.kill(signal),
    restart: async () => {
      await child.stop();
      ({ child, port } = await launchOnSomePort(program, { ...options, port }));
    },
  };
}

async function launchOnSomePort(
  program: BrokerProgram,
  options: BrokerOptions,
): Promise<{ child: ManagedProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    // Asked beforehand as well: another broker with the same admin account would pass for ours.
    if (options.port !== undefined && !(await isPortFree(options.port)))
      throw new Error(portTaken(options.port));
    const port = options.port ?? (await freePort());
    const child = await program.launch(port);
    if (
      await becomesReady(child, {
        ...options,
        port,
        ...(program.ca === undefined ? {} : { tls: { ca: program.ca } }),
      })
    )
      return { child, port };
    await child.stop();
    const log = child.output().join('\n');
    const isPortTaken = /address already in use|EADDRINUSE/i.test(log);
    if (isPortTaken && options.port === undefined && attempt < PORT_ATTEMPTS) continue;
    throw new Error(
      isPortTaken
        ? portTaken(port)
        : `The MQTT broker (${program.version}) in ${options.dir} didn't start: ${log.slice(-2000)}`,
    );
  }
}

function portTaken(port: number): string {
  return `Port ${port} for the MQTT broker is in use by another program: stop that one, or choose another port (MQTT_PORT).`;
}

/** The admin's own password tells our broker from another program's that took the port in between. */
async function becomesReady(
  child: ManagedProcess,
  options: BrokerOptions & { readonly port: number; readonly tls?: ProbeTls },
): Promise<boolean> {
  const giveUpAt = Date.now() + START_DEADLINE_MS;
  while (child.isRunning() && Date.now() < giveUpAt) {
    const code = await probeConnection({
      port: options.port,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      username: options.adminUsername,
      password: options.adminPassword,
      timeoutMs: 2000,
    });
    if (code === 0 && child.isRunning()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
