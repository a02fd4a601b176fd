import { problemCode } from '../api/api-error.ts';
import type { ServiceFailure } from '../api/api-types.ts';
import { useTexts } from '../texts/texts.ts';
import { FullTime, TimeAgo } from '../time/time-ago.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { useFailureHistory } from './screen-queries.ts';

/** Failed services of one screen, also those that were acknowledged. */
export function FailureHistory({ uuid }: { readonly uuid: string }) {
  const t = useTexts();
  const history = useFailureHistory(uuid);
  // A server without this history has nothing to show here.
  if (history.isError && problemCode(history.error) === 'not_found') return null;
  return (
    <section aria-labelledby="failure-history-title">
      <h2 id="failure-history-title">{t('failureHistory.title')}</h2>
      <QueryView query={history}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{t('failureHistory.none')}</p>
          ) : (
            <ul className="history-list">
              {items.map((failure) => (
                <FailureLine key={failure.id} failure={failure} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </section>
  );
}

function FailureLine({ failure }: { readonly failure: ServiceFailure }) {
  const t = useTexts();
  const isOpen = failure.cleared_at === null;
  return (
    <li>
      <span className={`badge ${isOpen ? 'warn' : 'off'}`}>
        <span aria-hidden="true" className="shape">
          {isOpen ? '▲' : '✓'}
        </span>
        {t(isOpen ? 'failureHistory.open' : 'failureHistory.cleared')}
      </span>{' '}
      <code>{failure.unit}</code> <FullTime at={failure.failed_at} />
      {failure.reason !== null && failure.reason !== '' && <span> · {failure.reason}</span>}
      {failure.cleared_at !== null && (
        <span className="quiet">
          {' '}
          · {t('failureHistory.by', { name: failure.cleared_by ?? '–' })} <TimeAgo at={failure.cleared_at} />
        </span>
      )}
    </li>
  );
}
