import type { UserView } from '@infoscreen/shared-types';
import { setLoginWaiter } from '../api/call-api.ts';
import { createStore } from '../state/store.ts';

/**
 * - `unknown`: the server hasn't said yet
 * - `out`: nobody is logged in
 * - `in`: somebody is
 * - `ended`: the session ran out under a page that is in use; calls wait until the same person has logged in again
 */
export type SessionState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'out' }
  | { readonly kind: 'in' | 'ended'; readonly user: UserView };

export const sessionState = createStore<SessionState>({ kind: 'unknown' });

let waiters: (() => void)[] = [];

setLoginWaiter(() => {
  const state = sessionState.get();
  if (state.kind === 'in') sessionState.set({ kind: 'ended', user: state.user });
  return new Promise((resolve) => {
    waiters.push(resolve);
  });
});

/** Somebody is logged in; what waited for it goes on. Another person begins with a fresh page. */
export function noteLogin(user: UserView): void {
  const before = sessionState.get();
  if (before.kind === 'ended' && before.user.id !== user.id) {
    location.reload();
    return;
  }
  sessionState.set({ kind: 'in', user });
  const resumed = waiters;
  waiters = [];
  for (const resume of resumed) resume();
}

export function noteLogout(): void {
  sessionState.set({ kind: 'out' });
}
