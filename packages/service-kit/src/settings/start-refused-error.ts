/** The start is refused for a reason that the operator can mend; its message says how, and is shown without a stack. */
export class StartRefusedError extends Error {
  override readonly name: string = 'StartRefusedError';
}
