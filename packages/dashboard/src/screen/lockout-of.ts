import type { CommandAction } from '@infoscreen/shared-types';
import type { Lockout, ScreenDetail } from '../api/api-types.ts';

/** The lockout that refuses this action now; `null` where it may be sent. Pure. */
export function lockoutOf(screen: Pick<ScreenDetail, 'lockout'>, action: CommandAction): Lockout | null {
  const lockout = screen.lockout?.find((one) => one.action === action);
  return lockout === undefined || lockout.remaining > 0 ? null : lockout;
}
