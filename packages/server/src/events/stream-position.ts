/** What a reader of changes has seen: every transaction that its snapshot shows. */
export interface StreamPosition {
  /** A `pg_snapshot` as text: `xmin:xmax:xip,xip`. */
  readonly snapshot: string;
  /** When it was taken, by the database's clock, in seconds since the epoch. */
  readonly takenAtSeconds: number;
}

/** Changes are kept for an hour; a position that is older than this may miss some that were removed. */
const RESUMABLE_SECONDS = 15 * 60;
/** Clocks of a database that was replaced by another may differ. */
const AHEAD_SECONDS = 60;
/** Longer ones are shortened, at the price of changes that are told twice. */
const MAX_SNAPSHOT_CHARACTERS = 1000;
export const MAX_POSITION_CHARACTERS = MAX_SNAPSHOT_CHARACTERS + 20;

/** As it stands in `id:` of an event, and comes back as `Last-Event-ID`. */
export function formatPosition({ snapshot, takenAtSeconds }: StreamPosition): string {
  return `${takenAtSeconds}.${snapshot}`;
}

/** @returns null where the text is no position; what is returned is one that Postgres can read */
export function parsePosition(text: string): StreamPosition | null {
  if (text.length > MAX_POSITION_CHARACTERS) return null;
  const match = /^(\d{1,12})\.(\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,\d{1,18})*)?)$/.exec(text);
  if (match === null) return null;
  const [, seconds = '', low = '', high = '', list = ''] = match;
  const [xmin, xmax] = [BigInt(low), BigInt(high)];
  const running = list === '' ? [] : list.split(',').map(BigInt);
  const bounds = [xmin, ...running];
  const isRising = bounds.every((xid, n) => n < 2 || xid > (bounds[n - 1] ?? 0n));
  if (xmin < 1n || xmin > xmax || !isRising || running.some((xid) => xid < xmin || xid >= xmax)) return null;
  return { snapshot: `${low}:${high}:${list}`, takenAtSeconds: Number(seconds) };
}

/**
 * A snapshot that is short enough for a header. The shortened one shows only what every longer one shows, so that
 * nothing is missed.
 */
export function boundedSnapshot(snapshot: string): string {
  if (snapshot.length <= MAX_SNAPSHOT_CHARACTERS) return snapshot;
  const xmin = snapshot.split(':')[0] ?? '';
  return `${xmin}:${xmin}:`;
}

/** Whether all that changed since is still there to be told. */
export function isResumable({ takenAtSeconds }: StreamPosition, nowSeconds: number): boolean {
  const age = nowSeconds - takenAtSeconds;
  return age <= RESUMABLE_SECONDS && age >= -AHEAD_SECONDS;
}
