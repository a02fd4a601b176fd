import { serverLink } from '../api/server-link.ts';
import { staleSince } from '../live/staleness.ts';
import { useStore } from '../state/store.ts';
import { useLocale, useTexts } from '../texts/texts.ts';

/** That what is shown is old, and since when: the server doesn't answer, or tells nothing new. */
export function LostServerNotice() {
  const t = useTexts();
  const locale = useLocale();
  const { isLost, answeredAt } = useStore(serverLink);
  const since = useStore(staleSince);
  const timeOf = (at: number) => new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(at);
  return (
    <div role="alert" className="lost-server">
      {isLost && <p>{t('live.lost', { time: timeOf(answeredAt) })}</p>}
      {!isLost && since !== null && <p>{t('live.stale', { time: timeOf(since) })}</p>}
    </div>
  );
}
