/** What a ratio has to reach. */
export interface Target {
  /** Name of the ratio. */
  readonly ratio: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Of one run. The unit stands at the end of each name: `listener messages/s`, `p99 ms`. */
export interface RunFigures {
  readonly figures: Readonly<Record<string, number>>;
  /** Each to a limit that was measured in this run. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** `full` is what the document tells; `short` only shows that the benchmark still runs. */
export type BenchSize = 'full' | 'short';

export interface BenchContext {
  readonly size: BenchSize;
  readonly progress: (line: string) => void;
  /** Ends it, in the opposite order, whatever happens. */
  readonly atEnd: (end: () => Promise<unknown>) => void;
}

export interface PreparedBenchmark {
  readonly run: () => Promise<RunFigures>;
}

export interface Benchmark {
  readonly name: string;
  /** One sentence: what is measured, and against what. */
  readonly title: string;
  readonly targets: readonly Target[];
  /** Another one whose short form shows that this one runs as well: it differs in the size or number of fleets alone. */
  readonly variantOf?: string;
  /** Why it has no short form, as a sentence's end; whoever asks for that one is told so. */
  readonly fullOnly?: string;
  /** Starts what all runs share. */
  readonly prepare: (context: BenchContext) => Promise<PreparedBenchmark>;
}
