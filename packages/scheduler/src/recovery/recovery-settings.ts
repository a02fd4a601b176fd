/** Settings of crash recovery. */
export interface RecoverySettings {
  /** Nothing is commanded while false; what an earlier setting left is still tidied up. */
  readonly enabled: boolean;
  /** Restarts of the app before the one reboot: `CRASH_RECOVERY_RESTARTS`. */
  readonly restarts: number;
  /** Between the first two commands; doubles from command to command: `CRASH_RECOVERY_BACKOFF_SECONDS`. */
  readonly backoffSeconds: number;
  /** `HEARTBEAT_GRACE_SECONDS`. */
  readonly graceSeconds: number;
  /** Share of the clients that may go stale together before it counts as an outage: `STORM_FRACTION`. */
  readonly stormFraction: number;
}

/** Fewer clients that go stale together are never an outage. */
export const STORM_MINIMUM_CLIENTS = 10;

/** A client that was well for so long is off the ladder. */
export const HEALTHY_AGAIN_SECONDS = 600;

/** Places of a lockout that recovery leaves for people. */
export const RESERVED_LOCKOUT_PLACES = 1;
