import { Link } from 'react-router';
import { SCREEN_LOOK, STATUS_ORDER } from '../status/status-look.ts';
import { useLocale, useTexts } from '../texts/texts.ts';
import { Empty } from '../ui/empty.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { useCounts, useTroubles } from './overview-queries.ts';
import { areStatesStale } from './system-troubles.ts';

/** How many screens there are of each status; each leads to those screens. */
export function Counters() {
  const t = useTexts();
  const locale = useLocale();
  const counts = useCounts();
  const isStale = areStatesStale(useTroubles());
  return (
    <section aria-labelledby="counters-title">
      <h2 id="counters-title">{t('overview.counters')}</h2>
      {isStale && <p className="quiet">{t('overview.stale')}</p>}
      <QueryView query={counts}>
        {({ total, by_status }) =>
          total === 0 ? (
            <NoScreensYet />
          ) : (
            <ul className="counters">
              <li>
                <Link to="/screens" className="counter">
                  <span className="counter-number">{total.toLocaleString(locale)}</span>
                  <span>{t('overview.total')}</span>
                </Link>
              </li>
              {STATUS_ORDER.map((status) => (
                <li key={status}>
                  <Link to={`/screens?status=${status}`} className={`counter ${SCREEN_LOOK[status].tone}`}>
                    <span className="counter-number">{(by_status[status] ?? 0).toLocaleString(locale)}</span>
                    <span>
                      <span aria-hidden="true" className="shape">
                        {SCREEN_LOOK[status].shape}
                      </span>
                      {t(`status.${status}`)}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </section>
  );
}

export function NoScreensYet() {
  const t = useTexts();
  return (
    <Empty title={t('overview.noScreens')}>
      <p>{t('overview.noScreensNext')}</p>
      <p>
        <a href="/api/docs">{t('overview.apiDocs')}</a>
      </p>
    </Empty>
  );
}
