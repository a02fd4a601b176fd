export * from './audit/record-unfinished-writes.ts';
export { type SchedulerSettings, schedulerSettingsSchema } from './env.ts';
export * from './recovery/decide-recovery.ts';
export * from './recovery/outage-watch.ts';
export * from './recovery/recover-crashed-clients.ts';
export * from './recovery/recovery-settings.ts';
export * from './retention/remove-old-rows.ts';
export * from './scheduler-loops.ts';
export { startScheduler } from './start-scheduler.ts';
