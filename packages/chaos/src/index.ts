export { CONTROLS } from './controls/control-list.ts';
export { runCrashPoints } from './crash-points/run-crash-points.ts';
