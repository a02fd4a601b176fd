import { hasRole, type Role, type UserView } from '@infoscreen/shared-types';
import { useStore } from '../state/store.ts';
import { sessionState } from './session-state.ts';

/** Who is logged in. @throws outside of the session's gate */
export function useUser(): UserView {
  const state = useStore(sessionState);
  if (!('user' in state)) throw new Error('nobody is logged in');
  return state.user;
}

export function useMay(role: Role): boolean {
  return hasRole(useUser().role, role);
}
