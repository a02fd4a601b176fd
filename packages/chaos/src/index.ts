export { runCrashPoints } from './crash-points/run-crash-points.ts';
export { runHttpFuzz } from './fuzz/http/run-http-fuzz.ts';
export { runMessageFuzz } from './fuzz/messages/run-message-fuzz.ts';
export { runChaos } from './run/run-chaos.ts';
export { runSoak } from './soak/run-soak.ts';
