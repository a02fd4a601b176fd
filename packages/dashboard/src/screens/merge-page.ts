interface Row {
  readonly uuid: string;
}
export interface MergedPage<Item> {
  readonly items: Item[];
  /** Whether a fresh page would have other rows, or the same in another order. */
  readonly isMoved: boolean;
  /** Rows that are shown and that the fresh page no longer has. */
  readonly missing: readonly string[];
}

/** New values into the rows as they stand: nothing moves under the pointer. Pure. */
export function mergePage<Item extends Row>(
  shown: readonly Item[],
  fresh: readonly Item[],
): MergedPage<Item> {
  const byUuid = new Map(fresh.map((row) => [row.uuid, row]));
  return {
    items: shown.map((row) => byUuid.get(row.uuid) ?? row),
    isMoved: shown.length !== fresh.length || shown.some((row, index) => row.uuid !== fresh[index]?.uuid),
    missing: shown.filter(({ uuid }) => !byUuid.has(uuid)).map(({ uuid }) => uuid),
  };
}
