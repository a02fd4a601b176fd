const STEPS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
] as const;

/** `vor 3 Minuten`, `in 2 Stunden`; both times in milliseconds. Within 5 seconds it is "now". */
export function relativeTime(at: number, now: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  let amount = (at - now) / 1000;
  if (Math.abs(amount) < 5) return format.format(0, 'second');
  for (const [unit, size] of STEPS) {
    if (Math.abs(Math.trunc(amount)) < size) return format.format(Math.trunc(amount), unit);
    amount /= size;
  }
  return format.format(Math.trunc(amount), 'year');
}

export type SpanUnit = (typeof STEPS)[number][0] | 'year';

/** How long it is from `at` to `now`, in its largest whole unit; both in milliseconds. Less than nothing is nothing. */
export function spanSince(at: number, now: number): { readonly count: number; readonly unit: SpanUnit } {
  let count = Math.max(0, now - at) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.trunc(count) < size) return { count: Math.trunc(count), unit };
    count /= size;
  }
  return { count: Math.trunc(count), unit: 'year' };
}

/** Date, time and zone, as the viewer's place writes them. */
export function absoluteTime(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}

/** `14:03:09`, where the viewer is. */
export function timeOfDay(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(at);
}

/** `25.11., 14:00`, where the viewer is. */
export function shortTime(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, {
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

/** `850 ms`, `3,2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function durationText(ms: number, language: string): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toLocaleString(language, { maximumFractionDigits: 1 })} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(whole, 60, 'min', 's');
  if (whole < 86_400) return pair(Math.round(whole / 60), 60, 'h', 'min');
  return pair(Math.round(whole / 3600), 24, 'd', 'h');
}

function pair(amount: number, size: number, big: string, small: string): string {
  const rest = amount % size;
  const head = `${Math.floor(amount / size)} ${big}`;
  return rest === 0 ? head : `${head} ${rest} ${small}`;
}
