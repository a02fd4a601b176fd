/** One atomic step of a process: every state that it may lead to. Where `outcome` is set, the process has ended. */
export interface Next<State> {
  readonly state: State;
  /** What the process remembers for its later steps. */
  readonly memory?: readonly number[];
  readonly outcome?: string;
  /** Index of the step that follows; the next one when left out. */
  readonly goto?: number;
}

export interface StepContext {
  readonly memory: readonly number[];
  /** No other process runs at the same time. */
  readonly isAlone: boolean;
}

export type Step<State> = (state: State, context: StepContext) => readonly Next<State>[];
export type Process<State> = readonly Step<State>[];

/** A state that may be reached, with what each process would then have answered, in their order. */
export interface Reached<State> {
  readonly state: State;
  readonly outcomes: readonly string[];
}

interface Position {
  readonly at: number;
  readonly memory: readonly number[];
  readonly outcome: string | null;
}

interface Node<State> {
  readonly state: State;
  readonly positions: readonly Position[];
}

/**
 * Every end of running the processes at the same time, step by step in any order, from any of the states. Complete: what
 * isn't in the answer can't happen where each step is atomic. States are told apart by their JSON.
 */
export function exploreInterleavings<State>(
  states: readonly State[],
  processes: readonly Process<State>[],
): readonly Reached<State>[] {
  const start = processes.map((): Position => ({ at: 0, memory: [], outcome: null }));
  const pending: Node<State>[] = states.map((state) => ({ state, positions: start }));
  const seen = new Set(pending.map((node) => JSON.stringify(node)));
  const reached: Reached<State>[] = [];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.positions.every(({ outcome }) => outcome !== null)) {
      reached.push({ state: node.state, outcomes: node.positions.map(({ outcome }) => outcome ?? '') });
      continue;
    }
    for (const next of successors(node, processes)) {
      const key = JSON.stringify(next);
      if (seen.has(key)) continue;
      seen.add(key);
      pending.push(next);
    }
  }
  return reached;
}

function successors<State>(node: Node<State>, processes: readonly Process<State>[]): readonly Node<State>[] {
  return node.positions.flatMap((position, index) => {
    const process = processes[index];
    if (position.outcome !== null || process === undefined) return [];
    const step = process[position.at];
    if (step === undefined) throw new Error('a process went past its last step');
    const context = { memory: position.memory, isAlone: processes.length === 1 };
    return step(node.state, context).map(({ state, memory = position.memory, outcome, goto }) => {
      const at = goto ?? position.at + 1;
      const ended = outcome ?? (at >= process.length ? 'done' : null);
      return { state, positions: node.positions.with(index, { at, memory, outcome: ended }) };
    });
  });
}
