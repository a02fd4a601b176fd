import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { NoScreensYet } from '../overview/counters.tsx';
import { SystemNotice } from '../overview/system-notice.tsx';
import { useMay } from '../session/use-user.ts';
import { useTexts } from '../texts/texts.ts';
import { Empty } from '../ui/empty.tsx';
import { usePageTitle } from '../ui/page-title.ts';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { ColumnChoice } from './column-choice.tsx';
import { FilterBar } from './filter-bar.tsx';
import { filtersOf, isFiltered, parametersOf, type ScreenFilters } from './screen-filters.ts';
import { ScreenTable } from './screen-table.tsx';
import { useSelection } from './selection.tsx';
import { type ColumnId, rememberColumns, rememberedColumns } from './shown-columns.ts';
import { useMatchCount } from './use-match-count.ts';
import { useScreenList } from './use-screen-list.ts';

export function ScreensPage() {
  const t = useTexts();
  usePageTitle(t('screens.title'));
  const [parameters, setParameters] = useSearchParams();
  const filters = useMemo(() => filtersOf(parameters), [parameters]);
  const setFilters = (next: ScreenFilters) => setParameters(parametersOf(next), { replace: true });
  const [shownColumns, setShownColumns] = useState(rememberedColumns);
  const mayCommand = useMay('admin');
  const selection = useSelection();
  const { list, screens, isMoved, reload, setVisible } = useScreenList(filters);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const total = useMatchCount(filters, hasNextPage ? null : screens.length);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const chooseColumns = (ids: readonly ColumnId[]) => {
    rememberColumns(ids);
    setShownColumns(ids);
  };

  return (
    <>
      <h1>{t('screens.title')}</h1>
      <SystemNotice />
      <FilterBar filters={filters} onChange={setFilters}>
        <ColumnChoice shown={shownColumns} onChange={chooseColumns} />
      </FilterBar>
      <div className="list-line">
        <p role="status">{list.data !== undefined && countText(t, total, screens.length)}</p>
        {isMoved && (
          <button type="button" className="button" onClick={() => void reload()}>
            {t('screens.moved')}
          </button>
        )}
      </div>
      {mayCommand && selection.chosen.size > 0 && (
        <BulkBar selection={selection} matching={total} list={list} />
      )}
      {list.data === undefined ? (
        list.isError ? (
          <ProblemBox error={list.error} onRetry={() => void list.refetch()} />
        ) : (
          <Skeleton lines={10} />
        )
      ) : screens.length === 0 ? (
        <NothingHere
          filters={filters}
          onReset={() => setFilters({ ...filters, text: '', status: '', group: '' })}
        />
      ) : (
        <ScreenTable
          screens={screens}
          total={total}
          shownColumns={shownColumns}
          filters={filters}
          onFilters={setFilters}
          selection={mayCommand ? selection : null}
          onView={setVisible}
          onNearEnd={loadMore}
        />
      )}
    </>
  );
}

function countText(t: ReturnType<typeof useTexts>, total: number | null, loaded: number): string {
  return total === null ? t('screens.countAtLeast', { count: loaded }) : t('screens.count', { count: total });
}

function NothingHere({
  filters,
  onReset,
}: {
  readonly filters: ScreenFilters;
  readonly onReset: () => void;
}) {
  const t = useTexts();
  if (!isFiltered(filters)) return <NoScreensYet />;
  return (
    <Empty title={t('screens.noMatch')}>
      <button type="button" className="button" onClick={onReset}>
        {t('screens.resetFilters')}
      </button>
    </Empty>
  );
}
