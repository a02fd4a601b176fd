const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(3000, 0, 1);

/** A device's clock may say anything; a time that no calendar of the database has counts as not told. */
export function deviceTime(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const ms = Date.parse(text);
  return ms >= EARLIEST_MS && ms < LATEST_MS ? new Date(ms) : null;
}
