import pg from 'pg';

export interface RecordedStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Set where it is prepared: then it may run with a plan for any values. */
  readonly name: string | undefined;
  /** What was under way, as `during` says. */
  readonly by: string;
}

export interface StatementRecorder {
  readonly statements: readonly RecordedStatement[];
  /** Source files that have sent a statement through `pg` by themselves, as `packages/server/src/…`. */
  readonly sources: ReadonlySet<string>;
  /** Runs `work`, and returns what it sent beside what it returns. Not for work that overlaps. */
  during<T>(by: string, work: () => Promise<T>): Promise<{ result: T; sent: readonly RecordedStatement[] }>;
  /** From then on nothing is recorded. */
  stop(): void;
}

/** Begins a statement of the test itself. */
export const NOT_RECORDED = '/* of the test */';

type Query = (this: unknown, ...parameters: unknown[]) => unknown;

/**
 * Records what this process sends `during` something, whoever sends it: Prisma's adapter sends its own through `pg` as well.
 */
export function recordStatements(): StatementRecorder {
  const statements: RecordedStatement[] = [];
  const sources = new Set<string>();
  let by: string | undefined;
  const restore = [
    // A pool passes a statement on when it has a connection: who sends it is only known here.
    wrap(pg.Pool.prototype, () => noteSource(sources)),
    wrap(pg.Client.prototype, (parameters) => {
      noteSource(sources);
      for (const statement of statementsOf(parameters))
        if (by !== undefined && !statement.text.startsWith(NOT_RECORDED))
          statements.push({ ...statement, by });
    }),
  ];
  return {
    statements,
    sources,
    during: async (name, work) => {
      const before = statements.length;
      const outer = by;
      by = name;
      try {
        const result = await work();
        return { result, sent: statements.slice(before) };
      } finally {
        by = outer;
      }
    },
    stop: () => {
      for (const undo of restore) undo();
    },
  };
}

function wrap(prototype: object, note: (parameters: readonly unknown[]) => void): () => void {
  const target = prototype as { query: Query };
  const { query } = target;
  target.query = function recorded(...parameters) {
    note(parameters);
    return query.apply(this, parameters);
  };
  return () => {
    target.query = query;
  };
}

function statementsOf([first, second]: readonly unknown[]): readonly Omit<RecordedStatement, 'by'>[] {
  if (typeof first === 'string')
    return [{ text: first, values: Array.isArray(second) ? second : [], name: undefined }];
  if (typeof first !== 'object' || first === null) return [];
  // Several in one round trip.
  if ('statements' in first && Array.isArray(first.statements))
    return first.statements.flatMap((statement) => statementsOf([statement]));
  if (!('text' in first) || typeof first.text !== 'string') return [];
  const { values = second, name } = first as { values?: unknown; name?: string };
  return [{ text: first.text, values: Array.isArray(values) ? values : [], name }];
}

function noteSource(sources: Set<string>): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 30;
  const { stack = '' } = new Error('who sends it');
  Error.stackTraceLimit = stackTraceLimit;
  const [, source] = /((?:packages\/(?!test-kit)[\w-]+|prisma)\/src\/[\w/.-]+\.ts)/.exec(stack) ?? [];
  if (source !== undefined) sources.add(source);
}
