import type { CrashedScreen } from '../api/api-types.ts';

type Facts = Pick<CrashedScreen, 'crash_reason' | 'last_alive'>;

/** What can be helped from here first: crashed apps, then screens that fell silent, the latest of them first. Pure. */
export function inOrderOfHelp<Screen extends Facts>(screens: readonly Screen[]): Screen[] {
  const rank = ({ crash_reason }: Facts) => (crash_reason === 'process_crashed' ? 0 : 1);
  const silence = ({ crash_reason, last_alive }: Facts) =>
    crash_reason === 'process_crashed' ? 0 : -Date.parse(last_alive ?? '1970-01-01T00:00:00Z');
  return screens.toSorted((left, right) => rank(left) - rank(right) || silence(left) - silence(right));
}
