export { type ListenerSettings, listenerSettingsSchema, readListenerSettings } from './env.ts';
export { type ListenerOptions, type RunningListener, startListener } from './start-listener.ts';
