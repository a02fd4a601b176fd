/**
 * Lets callers who ask for the same thing at the same moment share one run of it. A run that has begun is never joined,
 * because what it has read may be older than the question: who comes meanwhile shares the next one. So of one thing at
 * most one run is under way, however many ask, and each answer is as fresh as one of its own.
 */
export function createSharedRuns<T>(): (key: string, run: () => Promise<T>) => Promise<T> {
  interface Turn {
    readonly current: Promise<T>;
    next: Promise<T> | null;
  }
  const turns = new Map<string, Turn>();

  const begin = (key: string, run: () => Promise<T>): Promise<T> => {
    const turn: Turn = { current: run(), next: null };
    turns.set(key, turn);
    const isOver = () => {
      if (turn.next === null) turns.delete(key);
    };
    turn.current.then(isOver, isOver);
    return turn.current;
  };
  return (key, run) => {
    const turn = turns.get(key);
    if (turn === undefined) return begin(key, run);
    const runInTurn = () => begin(key, run);
    turn.next ??= turn.current.then(runInTurn, runInTurn);
    return turn.next;
  };
}
