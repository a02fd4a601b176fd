import { serverLink } from '../api/server-link.ts';
import { liveState } from '../live/live-state.ts';
import { staleSince } from '../live/staleness.ts';
import { useStore } from '../state/store.ts';
import { useTexts } from '../texts/texts.ts';

/** How fresh the page is, in a word. */
export function LiveBadge() {
  const t = useTexts();
  const live = useStore(liveState);
  const { isLost } = useStore(serverLink);
  const isStale = useStore(staleSince) !== null;
  const kind = isLost || isStale ? 'lost' : live;
  const text = {
    lost: t('live.badgeLost'),
    live: t('live.badgeLive'),
    polling: t('live.badgePolling'),
    connecting: t('live.badgePolling'),
  }[kind];
  return (
    <span className={`live-badge ${kind}`} title={t(kind === 'live' ? 'live.hintLive' : 'live.hintPolling')}>
      <span aria-hidden="true">{kind === 'lost' ? '✕' : kind === 'live' ? '●' : '◌'}</span> {text}
    </span>
  );
}
