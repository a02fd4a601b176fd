import { describe, expect, it } from '@jest/globals';
import { mergePage } from '../../src/screens/merge-page.ts';
import { filtersOf, isFiltered, parametersOf, sortedBy } from '../../src/screens/screen-filters.ts';
import { COLUMN_IDS, columnsOf, toggled } from '../../src/screens/shown-columns.ts';

const filters = (query: string) => filtersOf(new URLSearchParams(query));

describe('the address of the list', () => {
  it.each(['', 'status=crashed', 'text=Foyer+%261&group=Nord&sort=-last_alive', 'sort=app_version'])(
    'holds what the list shows: %s',
    (query) => {
      expect(new URLSearchParams(parametersOf(filters(query))).toString()).toBe(query);
    },
  );

  it('may be anything that people type', () => {
    expect(filters(`status=nonsense&sort=password&text=${'x'.repeat(500)}`)).toEqual({
      ...filters(''),
      text: 'x'.repeat(100),
    });
  });

  it('turns the order round at the second click', () => {
    const once = sortedBy(filters('status=crashed'), 'last_alive');
    expect([parametersOf(once)['sort'], parametersOf(sortedBy(once, 'last_alive'))['sort']]).toEqual([
      'last_alive',
      '-last_alive',
    ]);
    expect(parametersOf(sortedBy(once, 'group'))).toEqual({ status: 'crashed', sort: 'group' });
  });

  it('tells a filter from an order', () => {
    expect([isFiltered(filters('sort=group')), isFiltered(filters('text=a'))]).toEqual([false, true]);
  });
});

describe('new values of a page', () => {
  const row = (uuid: string, status = 'healthy') => ({ uuid, status });

  it('go into the rows where they stand', () => {
    const merged = mergePage([row('a'), row('b')], [row('b', 'crashed'), row('a')]);
    expect(merged.items).toEqual([row('a'), row('b', 'crashed')]);
    expect(merged.isMoved).toBe(true);
  });

  it('say which rows the page no longer has, and keep them', () => {
    const merged = mergePage([row('a'), row('b')], [row('a'), row('c')]);
    expect([merged.items.map(({ uuid }) => uuid), merged.missing, merged.isMoved]).toEqual([
      ['a', 'b'],
      ['b'],
      true,
    ]);
  });

  it('move nothing where the order is the same', () => {
    expect(mergePage([row('a'), row('b')], [row('a', 'crashed'), row('b')]).isMoved).toBe(false);
  });
});

describe('the columns of the list', () => {
  const allButSince = COLUMN_IDS.filter((id) => id !== 'since');

  it('are at first all but "since", which one can choose', () => {
    expect(columnsOf(null)).toEqual(allButSince);
    expect(toggled(columnsOf(null), 'since')).toEqual(COLUMN_IDS);
    expect(toggled(COLUMN_IDS, 'since')).toEqual(allButSince);
  });

  it('are those that were remembered, and always state and name', () => {
    expect(columnsOf('since,nonsense,group')).toEqual(['status', 'since', 'name', 'group']);
    expect(columnsOf('')).toEqual(['status', 'name']);
  });
});
