import { PROBLEM_CODES, type Problem, type ProblemCode, problemType } from '@infoscreen/shared-types';

/** One part of a request that broke its schema. */
export interface RequestIssue {
  readonly in: 'body' | 'query' | 'path' | 'header';
  readonly path: string;
  readonly message: string;
}

export interface ProblemOptions {
  /** A sentence for this very case; the title of the code says the rest. */
  readonly detail?: string;
  readonly errors?: readonly RequestIssue[];
  /** Extension members of the document, such as `command`. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Sent as the header `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whom the refusal is about, for the audit log, where the path doesn't say it. */
  readonly auditTarget?: string;
}

/** An expected refusal. It knows its code; the status is looked up when the answer is made. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? PROBLEM_CODES[code].title);
    this.name = 'ProblemError';
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return PROBLEM_CODES[this.code].status;
  }

  get headers(): Record<string, string> {
    const { headers, retryAfterSeconds } = this.options;
    return {
      ...headers,
      ...(retryAfterSeconds === undefined
        ? {}
        : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
    };
  }

  /** The RFC 9457 document. */
  document(requestId: string): Problem {
    const { detail, errors, members } = this.options;
    return {
      type: problemType(this.code),
      title: PROBLEM_CODES[this.code].title,
      status: this.status,
      code: this.code,
      ...(detail === undefined ? {} : { detail }),
      request_id: requestId,
      ...(errors === undefined ? {} : { errors: [...errors] }),
      ...members,
    };
  }
}

/** A 400 for one part of the request that only its use could judge, such as a cursor. */
export function invalidRequest(issue: RequestIssue): ProblemError {
  return new ProblemError('invalid_request', { errors: [issue] });
}
