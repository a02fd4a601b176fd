/** A place in what a process says to the database or to the broker, at which it is stopped for good. */
export type StreamMark =
  | {
      readonly link: 'database';
      /** Text that only this statement has. */
      readonly statement: string;
      /** The COMMIT of the transaction that the statement belongs to, where it is no transaction of its own. */
      readonly atCommit?: boolean;
      /** `before`: it never reaches the database. `after`: it was committed, and the answer never arrives. */
      readonly side: 'before' | 'after';
    }
  /** `before`: the command's PUBLISH never leaves. `after`: the broker took it, and its PUBACK never arrives. */
  | { readonly link: 'broker'; readonly side: 'before' | 'after' };

/** What the database holds of the command at that moment, while its screen keeps silent. */
export interface StateAtPoint {
  readonly status: 'queued' | 'publish_in_progress' | 'published';
  readonly publish_attempt: number;
  readonly publish_count: number;
}

export interface CrashPoint {
  readonly name: string;
  /** `issue`: a server, with a request of a user. The others: a scheduler, with what a dead process left. */
  readonly job: 'issue' | 'take_over' | 'repeat';
  readonly mark: StreamMark;
  /** `undefined`: there is no command. */
  readonly state: StateAtPoint | undefined;
}

const statement = (text: string, side: 'before' | 'after', atCommit = false): StreamMark => ({
  link: 'database',
  statement: text,
  side,
  atCommit,
});
const INSERT = 'INSERT INTO client_commands (';
const CLAIM = 'publish_attempt = c.publish_attempt + 1';
const MARK = 'publish_count = c.publish_count + 1';
const CLAIM_REPEAT = 'publish_attempt = publish_attempt + 1';
const RECORD_REPEAT = "'republished'";

const state = (
  status: StateAtPoint['status'],
  publish_attempt: number,
  publish_count: number,
): StateAtPoint => ({ status, publish_attempt, publish_count });

/** The way of a claimed command through the outbox; who issues it and who takes it over go it in the same steps. */
function claimedWay(job: 'issue' | 'take_over', attempt: number): CrashPoint[] {
  const claimed = state('publish_in_progress', attempt, 0);
  const marked = state('published', attempt, 1);
  return [
    { name: 'before the PUBLISH', job, mark: { link: 'broker', side: 'before' }, state: claimed },
    {
      name: 'after the PUBLISH, before its PUBACK',
      job,
      mark: { link: 'broker', side: 'after' },
      state: claimed,
    },
    { name: 'after the PUBACK, before the mark', job, mark: statement(MARK, 'before'), state: claimed },
    { name: "after the mark's commit", job, mark: statement(MARK, 'after'), state: marked },
  ];
}

const SENT_ONCE = state('published', 1, 1);
const SENT_AGAIN = state('published', 2, 1);

export const CRASH_POINTS: readonly CrashPoint[] = [
  {
    name: "before the insert's commit",
    job: 'issue',
    mark: statement(INSERT, 'before', true),
    state: undefined,
  },
  {
    name: "after the insert's commit, which is the claim's",
    job: 'issue',
    mark: statement(INSERT, 'after', true),
    state: state('publish_in_progress', 1, 0),
  },
  ...claimedWay('issue', 1),
  {
    name: 'before the claim',
    job: 'take_over',
    mark: statement(CLAIM, 'before'),
    state: state('publish_in_progress', 1, 0),
  },
  {
    name: "after the claim's commit",
    job: 'take_over',
    mark: statement(CLAIM, 'after'),
    state: state('publish_in_progress', 2, 0),
  },
  ...claimedWay('take_over', 2),
  { name: 'before the claim', job: 'repeat', mark: statement(CLAIM_REPEAT, 'before'), state: SENT_ONCE },
  {
    name: "after the claim's commit",
    job: 'repeat',
    mark: statement(CLAIM_REPEAT, 'after'),
    state: SENT_AGAIN,
  },
  { name: 'before the PUBLISH', job: 'repeat', mark: { link: 'broker', side: 'before' }, state: SENT_AGAIN },
  {
    name: 'after the PUBLISH, before its PUBACK',
    job: 'repeat',
    mark: { link: 'broker', side: 'after' },
    state: SENT_AGAIN,
  },
  {
    name: 'after the PUBACK, before the mark',
    job: 'repeat',
    mark: statement(RECORD_REPEAT, 'before'),
    state: SENT_AGAIN,
  },
  {
    name: "after the mark's commit",
    job: 'repeat',
    mark: statement(RECORD_REPEAT, 'after'),
    state: state('published', 2, 2),
  },
];
