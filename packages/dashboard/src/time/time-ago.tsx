import { useSyncExternalStore } from 'react';
import { serverNow } from '../api/server-link.ts';
import { useLocale, useTexts } from '../texts/texts.ts';
import { absoluteTime, relativeTime, spanSince } from './relative-time.ts';

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

/** For how long something has been so, `for 3 hours`, with the absolute time on hover. */
export function Since({ at }: { readonly at: string }) {
  const t = useTexts();
  const locale = useLocale();
  const ms = Date.parse(at);
  const { count, unit } = spanSince(ms, useNow());
  return (
    <time dateTime={at} title={absoluteTime(ms, locale)}>
      {t(`since.${unit}`, { count })}
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
