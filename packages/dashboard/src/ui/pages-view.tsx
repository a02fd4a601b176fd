import type { ReactNode } from 'react';
import { useTexts } from '../texts/texts.ts';
import { ProblemBox } from './problem-box.tsx';
import { Skeleton } from './skeleton.tsx';
import type { usePages } from './use-pages.ts';

interface PagesViewProps<Item> {
  readonly list: ReturnType<typeof usePages<Item>>;
  readonly empty: ReactNode;
  readonly children: (items: readonly Item[]) => ReactNode;
}

/** The loaded items and a button for more; a skeleton, an explanation or a problem where there are none. */
export function PagesView<Item>({ list, empty, children }: PagesViewProps<Item>) {
  const t = useTexts();
  if (list.data === undefined) {
    return list.isError ? (
      <ProblemBox error={list.error} onRetry={() => void list.refetch()} />
    ) : (
      <Skeleton lines={8} />
    );
  }
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <>{empty}</>;
  return (
    <>
      {children(items)}
      {list.isFetchNextPageError && <ProblemBox error={list.error} />}
      {list.hasNextPage && (
        <button
          type="button"
          className="button"
          disabled={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t(list.isFetchingNextPage ? 'app.loading' : 'app.more')}
        </button>
      )}
    </>
  );
}
