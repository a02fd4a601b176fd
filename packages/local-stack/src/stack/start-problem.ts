const NO_RIGHT = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * What people are told when the stack can't start or stop. What the lower layers throw on purpose is a sentence for them
 * already; only a fault of the program is shown with its stack.
 */
export function startProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  if (code !== undefined && NO_RIGHT.has(code) && path !== undefined)
    return `${path} can't be read or written (${code}): run this as the owner of the clone, or give yourself the right to do so.`;
  if (code === 'ENOSPC')
    return 'There is no space left on the disk of the clone: make some, then start again.';
  return error instanceof TypeError || error instanceof RangeError
    ? (error.stack ?? error.message)
    : error.message;
}
