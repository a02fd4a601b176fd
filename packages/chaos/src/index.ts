export { runCrashPoints } from './crash-points/run-crash-points.ts';
