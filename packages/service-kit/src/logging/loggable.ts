import { cleanText } from '@infoscreen/shared-types';

const MAX_TEXT_LENGTH = 2000;
const MAX_STACK_LENGTH = 4000;
const MAX_DEPTH = 4;
const MAX_ITEMS = 50;
const SECRET_NAME =
  /pass(word|wd|phrase)|secret|token|authorization|cookie|credential|api_?key|private_?key|connection_?string|database_?url|sealed/i;
/** `user:password@` of a URL. */
const URL_CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

/** A text fit for a log line: one line, bounded, without the credentials of a URL. */
export function loggableText(text: string, maxLength = MAX_TEXT_LENGTH): string {
  // Cut first: cleaning must not cost more than the line may be long.
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cleanText(cut).replace(URL_CREDENTIALS, '$1[redacted]@');
}

/**
 * A value fit for a log line: secrets by field name redacted, errors reduced to what helps, texts cleaned, sizes bounded.
 * Never throws, also for cyclic or exotic values.
 */
export function loggable(value: unknown, depth = 0): unknown {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'string') return loggableText(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (depth >= MAX_DEPTH) return '…';
  if (value instanceof Error) return loggableError(value, depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => loggable(item, depth + 1));
  if (typeof value === 'object') return loggableFields(value as Record<string, unknown>, depth + 1);
  return typeof value;
}

export function loggableFields(
  fields: Readonly<Record<string, unknown>>,
  depth = 0,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).slice(0, MAX_ITEMS)) {
    const key = loggableText(name, 100);
    result[key] =
      SECRET_NAME.test(name) && value !== null && value !== undefined ? '[redacted]' : loggable(value, depth);
  }
  return result;
}

/** Only named members: error objects carry whole connection configurations in others. */
function loggableError(error: Error, depth: number): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return {
    name: loggableText(error.name, 100),
    message: loggableText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: loggableText(error.stack, MAX_STACK_LENGTH) }),
    ...(error.cause === undefined ? {} : { cause: loggable(error.cause, depth + 1) }),
  };
}
