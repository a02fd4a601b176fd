import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemBox } from './problem-box.tsx';
import { Skeleton } from './skeleton.tsx';

interface QueryViewProps<Data> {
  readonly query: UseQueryResult<Data>;
  readonly lines?: number;
  readonly children: (data: Data) => ReactNode;
}

/** A skeleton, then the data, which stays while it is asked for again; or what went wrong, with a retry. */
export function QueryView<Data>({ query, lines = 3, children }: QueryViewProps<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ProblemBox error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton lines={lines} />;
}
