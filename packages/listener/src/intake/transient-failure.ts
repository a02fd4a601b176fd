/** Whether the same work may succeed later: not when its data (SQLSTATE classes 22 and 23) or our own code is at fault. */
export function isTransientFailure(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    return false;
  const { code } = error as { code?: unknown };
  return !(typeof code === 'string' && /^2[23]/.test(code));
}
