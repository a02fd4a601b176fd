import { createStore } from '../state/store.ts';

/** Whether the server answers, and when it last did; times are this browser's, in milliseconds. */
export interface ServerLink {
  readonly isLost: boolean;
  readonly answeredAt: number;
}

export const serverLink = createStore<ServerLink>({ isLost: false, answeredAt: Date.now() });

const PROBE_INTERVAL_MS = 3_000;
const CLOCK_TOLERANCE_MS = 2_000;
let clockOffsetMs = 0;
let isProbing = false;
const returnListeners = new Set<() => void>();

/** Of the server's clock, as far as its answers told it: relative times hold on a machine whose clock is wrong. */
export function serverNow(): number {
  return Date.now() + clockOffsetMs;
}

export function noteAnswer(date: string | null): void {
  const wasLost = serverLink.get().isLost;
  serverLink.set({ isLost: false, answeredAt: Date.now() });
  const at = date === null ? Number.NaN : Date.parse(date);
  if (!Number.isNaN(at)) {
    const offset = at + 500 - Date.now();
    clockOffsetMs = Math.abs(offset) < CLOCK_TOLERANCE_MS ? 0 : offset;
  }
  if (wasLost) for (const listener of returnListeners) listener();
}

/** Remembers that the server is away, and asks until it answers again. */
export function noteLoss(): void {
  serverLink.set({ ...serverLink.get(), isLost: true });
  if (isProbing) return;
  isProbing = true;
  const probe = async (): Promise<void> => {
    const isBack = await askServer();
    if (isBack || !serverLink.get().isLost) isProbing = false;
    else setTimeout(() => void probe(), PROBE_INTERVAL_MS);
  };
  setTimeout(() => void probe(), PROBE_INTERVAL_MS / 3);
}

/** Asks whether the server works, and takes note of the answer. */
export async function askServer(): Promise<boolean> {
  try {
    const response = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
    if (!response.ok) return false;
    noteAnswer(response.headers.get('date'));
    return true;
  } catch {
    return false;
  }
}

/** Calls back each time the server answers again. */
export function onServerReturn(listener: () => void): () => void {
  returnListeners.add(listener);
  return () => returnListeners.delete(listener);
}
