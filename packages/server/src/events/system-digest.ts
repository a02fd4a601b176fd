import type { SystemDeps } from '../monitoring/system.ts';
import { readSystem } from '../monitoring/system.ts';

/** What people would want to hear of: who runs, who is connected, what is wrong; no times and no latencies. */
export async function systemDigest(deps: SystemDeps): Promise<string> {
  const { problems, broker, services, ingest } = await readSystem(deps);
  return JSON.stringify([
    problems,
    broker.up,
    services.map(({ instance, version, up }) => [instance, version, up]),
    ingest.lanes.map(({ lane, holder, up }) => [lane, holder, up]),
  ]);
}
