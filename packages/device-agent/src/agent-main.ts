import { createJsonLog } from './agent/agent-log.ts';
import { createDeviceAgent } from './agent/device-agent.ts';
import { readAgentSettings } from './env.ts';
import { createLinuxHost } from './host/linux-host.ts';
import { exitWithReason, stopOnSignal } from './process-end.ts';
import { createFileStore } from './store/file-store.ts';

try {
  const { host, stateFile, ...settings } = readAgentSettings();
  const log = createJsonLog((line) => process.stdout.write(line));
  const agent = createDeviceAgent({
    ...settings,
    host: await createLinuxHost(host),
    store: createFileStore(stateFile, log),
    log,
  });
  await agent.start();
  stopOnSignal(() => agent.stop());
} catch (error) {
  exitWithReason(error);
}
