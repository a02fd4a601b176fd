/** The rules of the books. Each can be broken by itself. */
export const RULES = [
  'accepted_is_stored',
  'one_command_per_request',
  'somebody_asked_for_it',
  'one_end',
  'legal_timeline',
  'at_most_one_execution',
  'no_execution_after_expiry',
  'completed_is_true',
  'result_was_said',
  'late_outcome_is_kept',
  'cancelled_never_ran',
  'cancellation_holds',
  'mostly_completed',
  'ack_is_stored',
  'failure_is_stored',
  'open_failure_is_made_good',
  'result_is_made_good',
  'no_service_ends_by_itself',
] as const;
export type Rule = (typeof RULES)[number];

/** Something that must not be. */
export interface Finding {
  readonly rule: Rule;
  readonly detail: string;
  readonly commandId?: string;
  readonly clientUuid?: string;
  /** When it went wrong, where that is known; milliseconds since the epoch. */
  readonly at?: number;
}
