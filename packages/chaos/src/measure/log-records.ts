const MAX_SHOWN = 10;

/** Log records at ERROR, as problems; equal ones once, with their number. */
export function errorLines(records: readonly Record<string, unknown>[]): string[] {
  const counts = new Map<string, number>();
  for (const { level, message, error } of records) {
    if (level !== 'error') continue;
    const line = `logged as ERROR: ${String(message)} ${JSON.stringify(error ?? null).slice(0, 300)}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].slice(0, MAX_SHOWN).map(([line, n]) => `${line} (${n} times)`);
}

/** How often each warning was logged, with the reason that it gives. */
export function warnings(records: readonly Record<string, unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { level, message, reason } of records) {
    if (level !== 'warn') continue;
    const key = typeof reason === 'string' ? `${String(message)}: ${reason}` : String(message);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
