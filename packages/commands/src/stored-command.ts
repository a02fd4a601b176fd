import type {
  AckStatus,
  CommandAction,
  CommandEventKind,
  CommandEventSource,
  CommandStatus,
} from '@infoscreen/shared-types';

/** A row of `client_commands`. Times are the database's. */
export interface StoredCommand {
  readonly commandId: string;
  readonly clientUuid: string;
  readonly action: CommandAction;
  readonly status: CommandStatus;
  readonly reason: string | null;
  readonly requestedBy: string;
  readonly requestedByUserId: string | null;
  readonly requestId: string | null;
  /** The boot that the client had last reported. Null: a legacy agent, which is sent each command once, at QoS 0. */
  readonly bootId: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly resultDueAt: Date | null;
  /** When the outbox looks at it again: one lease after a claim, later after a publish; null when it won't. */
  readonly nextPublishAt: Date | null;
  readonly publishAttempt: number;
  readonly publishCount: number;
  readonly publishedAt: Date | null;
  readonly ackReceivedAt: Date | null;
  readonly executionStartedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly effectObserved: boolean | null;
  readonly effectObservedAt: Date | null;
  readonly effectBootId: string | null;
  readonly lateOutcome: Exclude<AckStatus, 'accepted' | 'execution_started'> | null;
  readonly lateOutcomeAt: Date | null;
  readonly lateErrorCode: string | null;
}

/** A row of `client_command_events`: one step of the timeline. */
export interface StoredCommandEvent {
  readonly kind: CommandEventKind;
  readonly fromStatus: CommandStatus | null;
  readonly toStatus: CommandStatus;
  readonly source: CommandEventSource;
  readonly actor: string;
  readonly deviceTime: Date | null;
  readonly serverTime: Date;
  readonly errorCode: string | null;
  readonly detail: string | null;
}

type Row = Readonly<Record<string, unknown>>;

function camelCased(row: Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

/** The table's columns are the fields' names in snake case, so a row needs no mapping by hand. */
export function toStoredCommand(row: Row): StoredCommand {
  return camelCased(row) as unknown as StoredCommand;
}

export function toStoredCommandEvent(row: Row): StoredCommandEvent {
  return camelCased(row) as unknown as StoredCommandEvent;
}
