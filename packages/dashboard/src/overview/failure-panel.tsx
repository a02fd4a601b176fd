import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { problemCode } from '../api/api-error.ts';
import type { ServiceFailure, ServiceFailurePage } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { ScreenLink, screenName } from '../screens/screen-name.tsx';
import { useMay } from '../session/use-user.ts';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { focusAfter } from '../ui/focus-after.ts';
import { notify } from '../ui/notices.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { useFailures } from './overview-queries.ts';

const SHOWN_AT_FIRST = 8;

/** Services that failed on screens and that nobody has acknowledged. Nothing where there are none. */
export function FailurePanel() {
  const t = useTexts();
  const failures = useFailures();
  const [isWhole, setWhole] = useState(false);
  const items = failures.data?.items ?? [];
  const shown = isWhole ? items : items.slice(0, SHOWN_AT_FIRST);
  return (
    <>
      <NewFailures items={failures.data?.items} />
      {failures.data === undefined && failures.isError && (
        <ProblemBox error={failures.error} onRetry={() => void failures.refetch()} />
      )}
      {items.length > 0 && (
        <section className="failure-panel" aria-labelledby="failures-title">
          <h2 id="failures-title">
            <span aria-hidden="true">▲</span>{' '}
            {failures.data?.nextCursor === null
              ? t('failures.title', { count: items.length })
              : t('failures.titleMany', { count: items.length })}
          </h2>
          <ul>
            {shown.map((failure) => (
              <FailureItem key={failure.id} failure={failure} />
            ))}
          </ul>
          {items.length > shown.length && (
            <button type="button" className="button" onClick={() => setWhole(true)}>
              {t('failures.showAll', { count: items.length })}
            </button>
          )}
        </section>
      )}
    </>
  );
}

/** A failure that comes is said once; those that were there already aren't. */
function NewFailures({ items }: { readonly items: readonly ServiceFailure[] | undefined }) {
  const t = useTexts();
  const known = useRef<Set<string> | null>(null);
  const [text, setText] = useState('');
  useEffect(() => {
    if (items === undefined) return;
    const fresh = known.current === null ? [] : items.filter(({ id }) => !known.current?.has(id));
    known.current = new Set([...(known.current ?? []), ...items.map(({ id }) => id)]);
    if (fresh.length === 0) return;
    setText(fresh.map((failure) => t('failures.new', nameOf(failure))).join(' '));
  }, [items, t]);
  return (
    <div role="alert" className="unseen">
      {text}
    </div>
  );
}

const nameOf = (failure: ServiceFailure) => ({
  unit: failure.unit,
  screen: screenName({ uuid: failure.client_uuid, hostname: failure.hostname }),
});

function FailureItem({ failure }: { readonly failure: ServiceFailure }) {
  const t = useTexts();
  const mayClear = useMay('admin');
  const [error, setError] = useState<unknown>(null);
  const { isClearing, clear } = useClearing(failure, setError);
  return (
    <li className="failure">
      <div className="failure-facts">
        <ScreenLink uuid={failure.client_uuid} hostname={failure.hostname} /> <code>{failure.unit}</code>
        <div className="failure-more">
          {t('failures.since')} <TimeAgo at={failure.failed_at} />
          {failure.restarts !== null && <> · {t('failures.restarts', { count: failure.restarts })}</>}
          {failure.reason !== null && failure.reason !== '' && <> · {failure.reason}</>}
        </div>
        {error !== null && <ProblemBox error={error} />}
      </div>
      {mayClear && (
        <button
          type="button"
          className="button orange"
          disabled={isClearing}
          onClick={(event) => void clear().then(focusAfter(event.currentTarget))}
          aria-label={t('failures.clearLabel', nameOf(failure))}
        >
          {t('failures.clear')}
        </button>
      )}
    </li>
  );
}

function useClearing(failure: ServiceFailure, onError: (error: unknown) => void) {
  const t = useTexts();
  const queryClient = useQueryClient();
  const [isClearing, setClearing] = useState(false);
  const clear = async () => {
    setClearing(true);
    onError(null);
    try {
      await callApi(`/api/clients/${failure.client_uuid}/clear_service_failed`, {
        method: 'POST',
        body: { unit: failure.unit },
      });
      notify(t('failures.cleared', nameOf(failure)));
    } catch (error) {
      // Somebody else was faster: that is what was wanted.
      if (problemCode(error) !== 'no_open_failure') {
        onError(error);
        setClearing(false);
        return;
      }
    }
    // An answer that is under way may still have it in it.
    await queryClient.cancelQueries({ queryKey: ['failures'] });
    queryClient.setQueryData<ServiceFailurePage>(['failures'], (page) =>
      page === undefined
        ? page
        : {
            ...page,
            items: page.items.filter(
              ({ client_uuid, unit }) => client_uuid !== failure.client_uuid || unit !== failure.unit,
            ),
          },
    );
    void queryClient.invalidateQueries({ queryKey: ['failures'] });
    void queryClient.invalidateQueries({ queryKey: ['screen', failure.client_uuid] });
    void queryClient.invalidateQueries({ queryKey: ['counts'] });
  };
  return { isClearing, clear };
}
