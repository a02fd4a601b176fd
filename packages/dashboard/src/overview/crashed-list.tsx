import { useState } from 'react';
import { Link } from 'react-router';
import type { CrashedPage, CrashedScreen } from '../api/api-types.ts';
import { ScreenLink } from '../screens/screen-name.tsx';
import { ScreenStatus } from '../status/status-badge.tsx';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { inOrderOfHelp } from './crashed-order.ts';
import { useCrashed, useTroubles } from './overview-queries.ts';
import { areStatesStale } from './system-troubles.ts';

const SHOWN_AT_FIRST = 4;

/** Screens that crashed or fell silent: why, and what recovery has done or will do. */
export function CrashedList() {
  const t = useTexts();
  const crashed = useCrashed();
  return (
    <section className="card" aria-labelledby="crashed-title">
      <h2 id="crashed-title">{t('crashed.title')}</h2>
      <QueryView query={crashed}>{(page) => <CrashedPageView page={page} />}</QueryView>
    </section>
  );
}

/** While messages don't arrive, silence is ours: only crashes that were reported are listed by name then. */
function CrashedPageView({ page: { items, nextCursor } }: { readonly page: CrashedPage }) {
  const t = useTexts();
  const [isWhole, setWhole] = useState(false);
  const isStale = areStatesStale(useTroubles());
  const known = isStale ? items.filter(({ crash_reason }) => crash_reason === 'process_crashed') : items;
  const ordered = inOrderOfHelp(known);
  const unknown = items.length - known.length;
  return (
    <>
      {unknown > 0 && (
        <p className="quiet">
          {t(nextCursor === null ? 'crashed.unknown' : 'crashed.unknownMany', { count: unknown })}
        </p>
      )}
      {items.length === 0 && (
        <p className="all-well">
          <span aria-hidden="true">✓</span> {t('crashed.none')}
        </p>
      )}
      <ul className="crashed-list">
        {(isWhole ? ordered : ordered.slice(0, SHOWN_AT_FIRST)).map((screen) => (
          <CrashedItem key={screen.uuid} screen={screen} />
        ))}
      </ul>
      {ordered.length > SHOWN_AT_FIRST && (
        <button
          type="button"
          className="button small"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? t('crashed.showFewer') : t('crashed.showAll', { count: ordered.length })}
        </button>
      )}
      {nextCursor !== null && !isStale && (
        <p>
          {t('crashed.more', { count: items.length })}{' '}
          <Link to="/screens?status=unreachable">{t('status.unreachable')}</Link>,{' '}
          <Link to="/screens?status=crashed">{t('status.crashed')}</Link>
        </p>
      )}
    </>
  );
}

function CrashedItem({ screen }: { readonly screen: CrashedScreen }) {
  const t = useTexts();
  return (
    <li className="crashed">
      <div>
        <ScreenLink uuid={screen.uuid} hostname={screen.hostname} />{' '}
        {screen.group !== null && screen.group !== '' && <span className="quiet">{screen.group}</span>}
      </div>
      <ScreenStatus status={screen.status} />
      <div className="crashed-more">
        {t(`crashReason.${screen.crash_reason}`)}
        {screen.last_alive !== null && (
          <>
            {' · '}
            {t('screens.lastAlive')} <TimeAgo at={screen.last_alive} />
          </>
        )}
        <div className="quiet">
          <RecoveryText screen={screen} />
        </div>
      </div>
    </li>
  );
}

/** What auto-recovery did and does next, as a sentence. */
export function RecoveryText({
  screen: { status, recovery, recovery_exhausted },
}: {
  readonly screen: Pick<CrashedScreen, 'status' | 'recovery' | 'recovery_exhausted'>;
}) {
  const t = useTexts();
  if (recovery === null || recovery === undefined) {
    return <>{t(status === 'unreachable' ? 'recovery.offline' : 'recovery.none')}</>;
  }
  if (recovery_exhausted || recovery.step === 'exhausted') {
    return <>{t('recovery.exhausted', { count: recovery.attempts })}</>;
  }
  return (
    <>
      {t('recovery.tried', { count: recovery.attempts })}{' '}
      {recovery.next_at !== null && (
        <>
          {t(`recovery.next.${recovery.step}`)} <TimeAgo at={recovery.next_at} />
        </>
      )}
    </>
  );
}
