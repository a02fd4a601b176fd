import { countBy } from '../books/group-by.ts';

const MAX_SHOWN = 10;

/** Log records at ERROR, as problems; equal ones once, with their number. */
export function errorLines(records: readonly Record<string, unknown>[]): string[] {
  const lines = records
    .filter(({ level }) => level === 'error')
    .map(({ message, error }) => {
      const detail = JSON.stringify(error ?? null).slice(0, 300);
      return `logged as ERROR: ${String(message)} ${detail}`;
    });
  return Object.entries(countBy(lines))
    .slice(0, MAX_SHOWN)
    .map(([line, n]) => `${line} (${n} times)`);
}

/** How often each warning was logged, with the reason that it gives. */
export function warnings(records: readonly Record<string, unknown>[]): Readonly<Record<string, number>> {
  return countBy(
    records
      .filter(({ level }) => level === 'warn')
      .map(({ message, reason }) =>
        typeof reason === 'string' ? `${String(message)}: ${reason}` : String(message),
      ),
  );
}
