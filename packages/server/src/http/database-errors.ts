const UNAVAILABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'P1001',
  'P1017',
  'P2024',
]);
/** SQLSTATEs: connection exceptions, too many connections, server going down, statement cancelled, lock not available. */
const UNAVAILABLE_SQLSTATE = /^(08...|53...|57P0.|57014|55P03)$/;
const UNAVAILABLE_MESSAGE =
  /timeout exceeded when trying to connect|connection terminated|query read timeout|can't reach database server/i;

/** Whether the database was out of reach or too busy, as the pool, the driver or Prisma tells it. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isDatabaseUnavailable)) return true;
  const code = codeOf(error);
  return (
    UNAVAILABLE_CODES.has(code) || UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_MESSAGE.test(error.message)
  );
}

/** What a pool says whose connections are all lent out for too long. */
const POOL_EXHAUSTED_MESSAGE = 'timeout exceeded when trying to connect';

/** Whether a database that is there cancelled a statement, or had no lock or no connection to spare in time. */
export function isDatabaseBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ['57014', '55P03', '53300'].includes(codeOf(error)) || error.message === POOL_EXHAUSTED_MESSAGE;
}

/** How Prisma tells an SQLSTATE that it has no code of its own for. */
const SQLSTATE_IN_MESSAGE = /Code: `(\w{5})`/;

/** Whether Postgres refused a value as such (SQLSTATE class 22): no caller's input may end as a 500. */
export function isUnstorableInput(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const sqlState = SQLSTATE_IN_MESSAGE.exec(error.message)?.[1] ?? codeOf(error);
  return /^22...$/.test(sqlState);
}

/** Whether a row with this key is there already (SQLSTATE 23505, Prisma P2002). */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && ['23505', 'P2002'].includes(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
