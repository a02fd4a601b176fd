import type { LOG_FORMATS, LOG_LEVELS } from '../settings/common-settings.ts';
import type { LogFields } from './log-context.ts';

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];

/**
 * Messages are constant lower-case texts, what varies is in the fields. `error`: somebody must act; `warn`: it heals
 * by itself; `info`: a change of state; `debug`: anything else.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry `fields`. */
  child(fields: LogFields): Logger;
}
