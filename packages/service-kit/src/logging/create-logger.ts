import winston from 'winston';
import { formatLogLine } from './format-log-line.ts';
import { currentLogContext, type LogFields } from './log-context.ts';
import type { LogFormat, Logger, LogLevel } from './logger.ts';

export interface LoggerOptions {
  readonly service: string;
  readonly instance: string;
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** Writes one line per entry to standard output: JSON, or readable for people. */
export function createLogger({ service, instance, level, format }: LoggerOptions): Logger {
  const output = winston.createLogger({
    level,
    exitOnError: false,
    format: winston.format.printf((info) => String(info.message)),
    transports: [new winston.transports.Console()],
  });
  const bind = (bound: LogFields): Logger => {
    const write = (lineLevel: LogLevel) => (message: string, fields?: LogFields) => {
      if (!output.isLevelEnabled(lineLevel)) return;
      const entry = { time: new Date(), level: lineLevel, service, instance, message };
      output.log(lineLevel, formatLogLine(entry, { ...bound, ...currentLogContext(), ...fields }, format));
    };
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => bind({ ...bound, ...fields }),
    };
  };
  return bind({});
}
