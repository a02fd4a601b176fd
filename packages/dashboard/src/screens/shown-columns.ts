import { remember, remembered } from '../state/remembered.ts';

/** In the order in which they stand. */
export const COLUMN_IDS = [
  'status',
  'since',
  'name',
  'group',
  'address',
  'version',
  'heartbeat',
  'reconnects',
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

/** Without these a row says nothing. */
const FIXED_COLUMNS: readonly ColumnId[] = ['status', 'name'];
export const OPTIONAL_COLUMNS = COLUMN_IDS.filter((id) => !FIXED_COLUMNS.includes(id));
/** Shown only to those who choose them. */
const HIDDEN_AT_FIRST: readonly ColumnId[] = ['since'];

/** @param choice ids with commas, as a browser remembers them; whatever else it is may be there as well. Pure. */
export function columnsOf(choice: string | null): readonly ColumnId[] {
  if (choice === null) return COLUMN_IDS.filter((id) => !HIDDEN_AT_FIRST.includes(id));
  const chosen: readonly string[] = choice.split(',');
  return COLUMN_IDS.filter((id) => FIXED_COLUMNS.includes(id) || chosen.includes(id));
}

/** Pure. */
export function toggled(shown: readonly ColumnId[], id: ColumnId): readonly ColumnId[] {
  return COLUMN_IDS.filter((name) => (name === id) !== shown.includes(name));
}

export const rememberedColumns = () => columnsOf(remembered('columns'));

export function rememberColumns(ids: readonly ColumnId[]): void {
  remember('columns', ids.join(','));
}
