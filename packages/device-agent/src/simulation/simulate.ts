import { createJsonLog } from '../agent/agent-log.ts';
import type { SimulationSettings } from '../env.ts';
import { readScreenAccounts } from './screen-accounts.ts';
import { createSimulatedScreen, type SimulatedScreen } from './simulated-screen.ts';

export interface SimulatedFleet {
  readonly screens: readonly SimulatedScreen[];
  /** Every screen says goodbye to the broker. */
  stop(): Promise<void>;
}

/**
 * Starts every screen of the accounts file in this process.
 * @param write takes one JSON log line at a time
 * @throws SettingsError when the file can't be used
 */
export async function startSimulatedFleet(
  { screensFile, ...settings }: SimulationSettings,
  write: (line: string) => void,
): Promise<SimulatedFleet> {
  const accounts = await readScreenAccounts(screensFile);
  const screens = accounts.map((account) =>
    createSimulatedScreen({
      ...settings,
      ...account,
      log: createJsonLog(write, { client_uuid: account.uuid }),
    }),
  );
  await Promise.all(screens.map((screen) => screen.start()));
  return {
    screens,
    stop: async () => {
      await Promise.all(screens.map((screen) => screen.stop('stopped')));
    },
  };
}
