import type { LogFields } from './log-context.ts';
import { loggableFields, loggableText } from './loggable.ts';
import type { LogFormat, LogLevel } from './logger.ts';

const MAX_LINE_LENGTH = 16_384;
/** Other texts are quoted, so that none passes for further fields. */
const PLAIN = /^[^\s="]+$/u;

export interface LogEntry {
  readonly time: Date;
  readonly level: LogLevel;
  readonly service: string;
  readonly instance: string;
  readonly message: string;
}

/** One line, without its end. What stands in `entry` can't be overwritten by a field of the same name. Pure. */
export function formatLogLine(entry: LogEntry, fields: LogFields, format: LogFormat): string {
  const message = loggableText(entry.message);
  const safeFields = loggableFields(fields);
  if (format === 'pretty') return prettyLine({ ...entry, message }, safeFields);
  const head = {
    time: entry.time.toISOString(),
    level: entry.level,
    service: entry.service,
    instance: entry.instance,
    message,
  };
  const line = JSON.stringify({ ...head, ...safeFields, ...head });
  return line.length <= MAX_LINE_LENGTH ? line : JSON.stringify({ ...head, fields_too_long: line.length });
}

function prettyLine(entry: LogEntry, fields: Record<string, unknown>): string {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === 'string' && PLAIN.test(value) ? value : JSON.stringify(value)}`,
    )
    .join(' ');
  const time = entry.time.toISOString().slice(11, 23);
  return `${time} ${entry.level.toUpperCase().padEnd(5)} ${entry.service}: ${entry.message}${rest === '' ? '' : `  ${rest}`}`.slice(
    0,
    MAX_LINE_LENGTH,
  );
}
