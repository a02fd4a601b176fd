import { createStore } from '../state/store.ts';

/** `live`: events arrive. `polling`: the page asks by itself, every few seconds. */
export type LiveState = 'connecting' | 'live' | 'polling';

export const liveState = createStore<LiveState>('connecting');
export const isLive = () => liveState.get() === 'live';
