/**
 * Asks `check` until it gives something that counts as true, and returns that. A `check` that throws is asked again.
 * @param options.deadlineMs 10 s when left out
 * @throws at the deadline; the last error of `check` is its cause
 */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  options: {
    readonly deadlineMs?: number;
    readonly intervalMs?: number;
    readonly what?: string | (() => string);
  } = {},
): Promise<NonNullable<Value>> {
  const { deadlineMs = 10_000, intervalMs = 20, what = check.toString().slice(0, 200) } = options;
  const giveUpAt = Date.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= giveUpAt)
      throw new Error(`Not within ${deadlineMs} ms: ${typeof what === 'string' ? what : what()}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
