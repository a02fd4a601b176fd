export interface StartFailure {
  /** What went wrong and what to do, for people. */
  readonly sentence: string;
  /** Whether a further try can succeed without anybody doing anything. */
  readonly isTransient: boolean;
}

/** Reads from the server's own log why it didn't start. */
export function startFailure(attempt: {
  readonly output: readonly string[];
  readonly port: number;
  /** Whether just this port will do. */
  readonly isPortFixed: boolean;
  readonly dataDir: string;
}): StartFailure {
  const { output, port, isPortFixed, dataDir } = attempt;
  const log = output.join('\n');
  if (/could not bind|Address already in use/.test(log)) {
    return {
      sentence: `Port ${port} for PostgreSQL is in use by another program: stop that one, or choose another port.`,
      isTransient: !isPortFixed,
    };
  }
  if (/pre-existing shared memory block|shared memory block .* still in use/.test(log)) {
    return {
      sentence: `Processes of an earlier PostgreSQL on ${dataDir} are still running.`,
      isTransient: true,
    };
  }
  const owner =
    /Is another postmaster \(PID (\d+)\) running/.exec(log) ??
    /Is another postgres \(PID (\d+)\) running/.exec(log);
  if (owner !== null) {
    return {
      sentence: `The data directory ${dataDir} is in use by a PostgreSQL that runs already (process ${owner[1]}): stop that one first.`,
      isTransient: false,
    };
  }
  return { sentence: `PostgreSQL on ${dataDir} didn't start: ${log.slice(-2000)}`, isTransient: false };
}
