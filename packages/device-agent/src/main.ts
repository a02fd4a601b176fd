import { readSimulationSettings } from './env.ts';
import { exitWithReason, stopOnSignal } from './process-end.ts';
import { startSimulatedFleet } from './simulation/simulate.ts';

try {
  const fleet = await startSimulatedFleet(readSimulationSettings(), (line) => process.stdout.write(line));
  stopOnSignal(() => fleet.stop());
} catch (error) {
  exitWithReason(error);
}
