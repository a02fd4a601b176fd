export { CRASH_POINTS, type CrashPoint } from './crash-points/crash-points.ts';
export { type PointResult, type RunOptions, runCrashPoints } from './crash-points/run-crash-points.ts';
