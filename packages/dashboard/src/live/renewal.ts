import type { Query, QueryClient, QueryKey } from '@tanstack/react-query';

/** Events that the server sends together come one by one, within a moment. */
const BATCH_MS = 20;
/** At most four times a second, also in a storm of events. */
const RENEWAL_PAUSE_MS = 250;

export interface Renewal {
  /** Answers with these keys are old. */
  readonly gather: (keys: readonly QueryKey[]) => void;
  /** All answers may be old; what is under way may never be answered, and is given up. */
  readonly startAnew: () => void;
  readonly stop: () => void;
}

/**
 * Asks again for answers that became old: soon, all of a moment together, and each one only when the request for it that
 * is under way has been answered. That answer may be of before the change, so it can't be the last one; and to give it up
 * instead would leave a page without any news for as long as events come faster than answers.
 */
export function createRenewal(queryClient: QueryClient): Renewal {
  const gathered = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;

  const findUnderWay = (queryKey: QueryKey = []) =>
    queryClient.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching', predicate: isRenewed });
  const gather = (keys: readonly QueryKey[]) => {
    for (const key of keys) gathered.set(JSON.stringify(key), key);
    if (gathered.size === 0) return;
    const pauseMs = Math.max(BATCH_MS, renewedAt + RENEWAL_PAUSE_MS - performance.now());
    timer ??= setTimeout(renew, pauseMs);
  };
  const renew = () => {
    timer = undefined;
    renewedAt = performance.now();
    const keys = [...gathered.values()];
    gathered.clear();
    const underWay = keys.flatMap((queryKey) => findUnderWay(queryKey));
    for (const queryKey of keys) {
      const predicate = (query: Query) => isRenewed(query) && query.state.fetchStatus !== 'fetching';
      void queryClient.invalidateQueries({ queryKey, predicate });
    }
    gather(underWay.map(({ queryKey }) => queryKey));
  };
  return {
    gather,
    startAnew: () => {
      // A first answer isn't given up: there is nothing to show in its place.
      const first = findUnderWay().filter(({ state }) => state.data === undefined);
      void queryClient.invalidateQueries({ predicate: isRenewed });
      gather(first.map(({ queryKey }) => queryKey));
    },
    stop: () => clearTimeout(timer),
  };
}

/** The list of screens renews what is on view by itself, and not all the pages that were ever scrolled to. */
const isRenewed = ({ queryKey: [kind] }: Query) => kind !== 'screens';
