import { Link } from 'react-router';
import type { CrashedScreen } from '../api/api-types.ts';
import { ScreenLink } from '../screens/screen-name.tsx';
import { ScreenStatus } from '../status/status-badge.tsx';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { useCrashed } from './overview-queries.ts';

/** Screens that crashed or fell silent: why, and what recovery has done or will do. */
export function CrashedList() {
  const t = useTexts();
  const crashed = useCrashed();
  return (
    <section aria-labelledby="crashed-title">
      <h2 id="crashed-title">{t('crashed.title')}</h2>
      <QueryView query={crashed}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <p className="all-well">
              <span aria-hidden="true">✓</span> {t('crashed.none')}
            </p>
          ) : (
            <>
              <ul className="crashed-list">
                {items.map((screen) => (
                  <CrashedItem key={screen.uuid} screen={screen} />
                ))}
              </ul>
              {nextCursor !== null && (
                <p>
                  {t('crashed.more', { count: items.length })}{' '}
                  <Link to="/screens?status=unreachable">{t('status.unreachable')}</Link>,{' '}
                  <Link to="/screens?status=crashed">{t('status.crashed')}</Link>
                </p>
              )}
            </>
          )
        }
      </QueryView>
    </section>
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
      <div>
        {t(`crashReason.${screen.crash_reason}`)}
        {screen.last_alive !== null && (
          <>
            {' · '}
            {t('screens.lastAlive')} <TimeAgo at={screen.last_alive} />
          </>
        )}
      </div>
      <div className="quiet">
        <RecoveryText screen={screen} />
      </div>
    </li>
  );
}

/** What auto-recovery did and does next, as a sentence. */
export function RecoveryText({
  screen: { recovery, recovery_exhausted },
}: {
  readonly screen: Pick<CrashedScreen, 'recovery' | 'recovery_exhausted'>;
}) {
  const t = useTexts();
  if (recovery === null || recovery === undefined) return <>{t('recovery.none')}</>;
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
