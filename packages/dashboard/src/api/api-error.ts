import type { Problem, ProblemCode } from '@infoscreen/shared-types';

/** The server answered, with a problem. `retryAfterSeconds` is its Retry-After. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | null;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, problem: Problem | null, retryAfterSeconds: number | null) {
    super(problem?.title ?? `the server answered ${status}`);
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer at all, or only one of a proxy whose server is away. */
export class ServerLostError extends Error {}

export function problemCode(error: unknown): ProblemCode | null {
  return error instanceof ApiError ? (error.problem?.code ?? null) : null;
}

/** Whole seconds of a Retry-After, which may also be a date. */
export function retryAfterSeconds(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}
