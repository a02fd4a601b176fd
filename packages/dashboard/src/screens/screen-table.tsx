import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef } from 'react';
import type { Screen } from '../api/api-types.ts';
import { useTexts } from '../texts/texts.ts';
import { COLUMNS, type Column } from './columns.tsx';
import { type ScreenFilters, type SortKey, sortedBy } from './screen-filters.ts';
import { screenName } from './screen-name.tsx';
import { SelectAllBox, type Selection } from './selection.tsx';
import type { ColumnId } from './shown-columns.ts';
import { useIsNarrow } from './use-is-narrow.ts';

const ROW_HEIGHT = 44;
const CARD_HEIGHT = 104;
/** The next page is asked for so many rows before the end. */
const AHEAD = 60;

interface ScreenTableProps {
  readonly screens: readonly Screen[];
  readonly total: number | null;
  readonly shownColumns: readonly ColumnId[];
  readonly filters: ScreenFilters;
  readonly onFilters: (filters: ScreenFilters) => void;
  /** `null` for who may not command. */
  readonly selection: Selection | null;
  readonly onView: (first: number, last: number) => void;
  readonly onNearEnd: () => void;
}

/** Only the rows on view are in the document; roles and counts tell a screen reader of all of them. */
export function ScreenTable(props: ScreenTableProps) {
  const { screens, total, shownColumns, filters, onFilters, selection, onView, onNearEnd } = props;
  const t = useTexts();
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow();
  const columns = COLUMNS.filter(({ id }) => shownColumns.includes(id));
  const template = isNarrow
    ? null
    : [...(selection === null ? [] : ['2.75rem']), ...columns.map(({ width }) => width)].join(' ');
  const rows = useVirtualizer({
    count: screens.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? CARD_HEIGHT : ROW_HEIGHT),
    overscan: 12,
    getItemKey: (index) => screens[index]?.uuid ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heights that were measured are those of the other layout
  useEffect(() => rows.measure(), [isNarrow]);
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    onView(first, last);
    if (last >= screens.length - AHEAD) onNearEnd();
  }, [first, last, screens.length, onView, onNearEnd]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div className="table-scroller" ref={scroller} tabIndex={0} role="region" aria-label={t('screens.title')}>
      <div
        role="table"
        className="screen-table"
        aria-label={t('screens.title')}
        aria-rowcount={(total ?? screens.length) + 1}
        aria-colcount={columns.length + (selection === null ? 0 : 1)}
      >
        <div role="rowgroup" className="table-head">
          <div role="row" aria-rowindex={1} className="table-row" style={columnsStyle(template)}>
            {selection !== null && <SelectAllBox selection={selection} screens={screens} />}
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} filters={filters} onFilters={onFilters} />
            ))}
          </div>
        </div>
        <div role="rowgroup" className="table-body" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const screen = screens[item.index];
            return screen === undefined ? null : (
              <ScreenRow
                key={item.key}
                screen={screen}
                columns={columns}
                template={template}
                index={item.index}
                start={item.start}
                height={item.size}
                isSelected={selection?.isSelected(screen.uuid) ?? null}
                onToggle={selection?.toggle}
                selectLabel={t('screens.select', { name: screenName(screen) })}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Cards are laid out by the style sheet. */
const columnsStyle = (template: string | null) =>
  template === null ? {} : { gridTemplateColumns: template };

interface ScreenRowProps {
  readonly screen: Screen;
  readonly columns: readonly Column[];
  readonly template: string | null;
  readonly index: number;
  readonly start: number;
  readonly height: number;
  readonly isSelected: boolean | null;
  readonly onToggle: ((screen: Screen) => void) | undefined;
  readonly selectLabel: string;
}

const ScreenRow = memo(
  function ScreenRow(props: ScreenRowProps) {
    const { screen, columns, template, index, start, height, isSelected, onToggle, selectLabel } = props;
    const t = useTexts();
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-selected={isSelected ?? undefined}
        className={`table-row${isSelected === true ? ' selected' : ''}`}
        style={{ ...columnsStyle(template), height, transform: `translateY(${start}px)` }}
      >
        {isSelected !== null && (
          <div role="cell" className="cell-select">
            <input
              type="checkbox"
              checked={isSelected}
              onChange={() => onToggle?.(screen)}
              aria-label={selectLabel}
            />
          </div>
        )}
        {columns.map(({ id, title, cell }) => (
          <div key={id} role="cell" className={`cell-${id}`}>
            <span className="cell-title" aria-hidden="true">
              {t(title)}
            </span>
            <span className="cell-value">{cell(screen)}</span>
          </div>
        ))}
      </div>
    );
  },
  (before, after) =>
    before.screen === after.screen &&
    before.start === after.start &&
    before.height === after.height &&
    before.isSelected === after.isSelected &&
    before.template === after.template &&
    before.selectLabel === after.selectLabel,
);

interface HeadCellProps {
  readonly column: Column;
  readonly filters: ScreenFilters;
  readonly onFilters: (filters: ScreenFilters) => void;
}

function HeadCell({ column: { id, title, sort }, filters, onFilters }: HeadCellProps) {
  const t = useTexts();
  const isSorted = sort !== null && filters.sort === sort;
  const order = isSorted ? (filters.isDescending ? 'descending' : 'ascending') : 'none';
  const by = (key: SortKey) => onFilters(sortedBy(filters, key));
  return (
    <div role="columnheader" className={`cell-${id}`} {...(sort === null ? {} : { 'aria-sort': order })}>
      {sort === null ? (
        <span>{t(title)}</span>
      ) : (
        <button type="button" className="sort-button" onClick={() => by(sort)}>
          {t(title)} <span aria-hidden="true">{isSorted ? (filters.isDescending ? '▼' : '▲') : ''}</span>
        </button>
      )}
    </div>
  );
}
