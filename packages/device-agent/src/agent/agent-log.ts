import { cleanText } from '@infoscreen/shared-types';

type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Constant lower-case message plus fields; one line per change of state. */
export interface AgentLog {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export const SILENT_LOG: AgentLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** One JSON object per line. `base` stands in every line; text values are cleaned, since some come from outside. */
export function createJsonLog(write: (line: string) => void, base: Fields = {}): AgentLog {
  const at =
    (level: string) =>
    (message: string, fields: Fields = {}) => {
      const entries = Object.entries({ ...base, ...fields }).map(([name, value]) => [
        name,
        typeof value === 'string' ? cleanText(value) : value,
      ]);
      write(
        `${JSON.stringify({ time: new Date().toISOString(), level, message, ...Object.fromEntries(entries) })}\n`,
      );
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
