import { lazy, Suspense } from 'react';
import { Link, useParams } from 'react-router';
import { problemCode } from '../api/api-error.ts';
import type { ScreenDetail } from '../api/api-types.ts';
import { RecoveryText } from '../overview/crashed-list.tsx';
import { SystemNotice } from '../overview/system-notice.tsx';
import { screenName } from '../screens/screen-name.tsx';
import { useMay } from '../session/use-user.ts';
import { ScreenStatus } from '../status/status-badge.tsx';
import { useTexts } from '../texts/texts.ts';
import { Since } from '../time/time-ago.tsx';
import { Empty } from '../ui/empty.tsx';
import { usePageTitle } from '../ui/page-title.ts';
import { QueryView } from '../ui/query-view.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { CommandButtons } from './command-buttons.tsx';
import { FailureHistory } from './failure-history.tsx';
import { ScreenCommands } from './screen-commands.tsx';
import { ScreenFacts } from './screen-facts.tsx';
import { ScreenNotes } from './screen-notes.tsx';
import { useScreen } from './screen-queries.ts';

const HealthCharts = lazy(async () => ({ default: (await import('./health-charts.tsx')).HealthCharts }));

export function ScreenPage() {
  const t = useTexts();
  const { uuid = '' } = useParams();
  const screen = useScreen(uuid);
  usePageTitle(screen.data === undefined ? t('screens.title') : screenName(screen.data));
  return (
    <>
      <p className="way-back">
        <Link to="/screens">← {t('screen.all')}</Link>
      </p>
      <SystemNotice />
      {/* Until it is known which; a heading there always is. */}
      {screen.data === undefined && <h1>{t('screen.title')}</h1>}
      {isNoScreen(screen.error) ? (
        <Empty title={t('problem.screenNotFound')}>
          <Link to="/screens">{t('screen.all')}</Link>
        </Empty>
      ) : (
        <QueryView query={screen} lines={8}>
          {(detail) => <Detail screen={detail} />}
        </QueryView>
      )}
    </>
  );
}

/** There is none at this address, nor will there be at another try. */
function isNoScreen(error: unknown): boolean {
  const code = problemCode(error);
  return code === 'client_not_found' || code === 'client_deleted' || code === 'invalid_request';
}

function Detail({ screen }: { readonly screen: ScreenDetail }) {
  const t = useTexts();
  const mayCommand = useMay('admin');
  return (
    <>
      <header className="screen-head">
        <div>
          <h1>{screenName(screen)}</h1>
          {screen.description !== null && screen.description !== '' && (
            <p className="quiet">{screen.description}</p>
          )}
          <StateNow screen={screen} />
        </div>
        {mayCommand ? <CommandButtons screen={screen} /> : <p className="quiet">{t('screen.viewerOnly')}</p>}
      </header>
      <ScreenNotes screen={screen} />
      <ScreenFacts screen={screen} />
      <section aria-labelledby="charts-title">
        <h2 id="charts-title">{t('charts.title')}</h2>
        <Suspense fallback={<Skeleton lines={6} />}>
          <HealthCharts uuid={screen.uuid} />
        </Suspense>
      </section>
      <ScreenCommands screen={screen} />
      <FailureHistory uuid={screen.uuid} />
    </>
  );
}

function StateNow({ screen }: { readonly screen: ScreenDetail }) {
  const t = useTexts();
  return (
    <div className="state-now">
      <ScreenStatus status={screen.status} />
      {screen.status_since !== null && <Since at={screen.status_since} />}
      {screen.status === 'degraded' && screen.service_failed_unit !== null && (
        <span>
          {t('screen.failedUnit')} <code>{screen.service_failed_unit}</code>
        </span>
      )}
      {screen.recovery !== null && screen.recovery !== undefined && (
        <span className="quiet">
          <RecoveryText screen={screen} />
        </span>
      )}
    </div>
  );
}
