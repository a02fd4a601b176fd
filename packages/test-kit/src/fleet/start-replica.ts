import { freePort } from '@infoscreen/local-stack';
import type { ServiceName } from '@infoscreen/shared-types';
import { type ServiceProcess, startProcess } from '../process/start-process.ts';

/** One running replica, on a port of its own. */
export interface FleetProcess {
  readonly service: ServiceName;
  readonly url: string;
  readonly process: ServiceProcess;
  /** Starts it again after a kill, on the same port; `settings` go over those of its first start. */
  restart(settings?: Readonly<Record<string, string>>): Promise<void>;
}

/** Runs a built service; resolves when it is ready. @throws when it doesn't start */
export async function startReplica(
  service: ServiceName,
  settings: Readonly<Record<string, string>>,
): Promise<FleetProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = (more: Readonly<Record<string, string>> = {}) =>
    startProcess({
      entry: `packages/${service}/dist/main.js`,
      env: { ...settings, ...more, [service === 'server' ? 'PORT' : 'OPS_PORT']: String(port) },
      readyUrl: `${url}/readyz`,
    });
  let current = await start();
  return {
    service,
    url,
    get process() {
      return current;
    },
    restart: async (more) => {
      current = await start(more);
    },
  };
}
