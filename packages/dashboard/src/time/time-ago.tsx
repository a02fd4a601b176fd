import { useSyncExternalStore } from 'react';
import { serverNow } from '../api/server-link.ts';
import { useLocale } from '../texts/texts.ts';
import { absoluteTime, relativeTime } from './relative-time.ts';

const TICK_MS = 5_000;

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, TICK_MS);
  return () => clearInterval(timer);
}
const tick = () => Math.floor(Date.now() / TICK_MS);

/** Now by the server's clock, in milliseconds, again every few seconds. */
export function useNow(): number {
  useSyncExternalStore(subscribe, tick);
  return serverNow();
}

/** A time that ticks, with the absolute one on hover; a dash where there is none. */
export function TimeAgo({ at }: { readonly at: string | null | undefined }) {
  const locale = useLocale();
  const now = useNow();
  if (at === null || at === undefined) return <span className="quiet">–</span>;
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={absoluteTime(ms, locale)}>
      {relativeTime(ms, now, locale)}
    </time>
  );
}

/** The absolute time, and the relative one beside it. */
export function FullTime({ at }: { readonly at: string | null | undefined }) {
  const locale = useLocale();
  if (at === null || at === undefined) return <span className="quiet">–</span>;
  return (
    <>
      {absoluteTime(Date.parse(at), locale)}{' '}
      <span className="quiet">
        (<TimeAgo at={at} />)
      </span>
    </>
  );
}
