export const FAULT_KINDS = [
  'kill_server',
  'kill_listener',
  'kill_scheduler',
  'terminate',
  'broker_restart',
  'broker_kill',
  'postgres_stop',
  'pause',
  'hang',
  'link_stall',
  'link_cut',
  'disk_full',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault that happened. Times in milliseconds since the epoch. */
export interface FaultRecord {
  readonly kind: FaultKind;
  /** What it hit, for people. */
  readonly target: string;
  readonly startedAt: number;
  /** When what it hit worked again, as far as that can be seen from outside. */
  readonly endedAt: number;
}
