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

const FIELDS: Readonly<Record<keyof StoredCommand, true>> = {
  commandId: true,
  clientUuid: true,
  action: true,
  status: true,
  reason: true,
  requestedBy: true,
  requestedByUserId: true,
  requestId: true,
  bootId: true,
  errorCode: true,
  errorMessage: true,
  createdAt: true,
  expiresAt: true,
  resultDueAt: true,
  nextPublishAt: true,
  publishAttempt: true,
  publishCount: true,
  publishedAt: true,
  ackReceivedAt: true,
  executionStartedAt: true,
  finishedAt: true,
  effectObserved: true,
  effectObservedAt: true,
  effectBootId: true,
  lateOutcome: true,
  lateOutcomeAt: true,
  lateErrorCode: true,
};

/** By name, so that a column which a newer schema adds changes no statement's result under its feet. */
export const COMMAND_COLUMNS: readonly string[] = Object.keys(FIELDS).map((field) =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
);

type Row = Readonly<Record<string, unknown>>;

/** Every row has the same few columns, so that each name is worked out once. */
const fieldNames = new Map<string, string>();

function fieldName(column: string): string {
  const known = fieldNames.get(column);
  if (known !== undefined) return known;
  const name = column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  fieldNames.set(column, name);
  return name;
}

function camelCased(row: Row): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const column in row) record[fieldName(column)] = row[column];
  return record;
}

/** The table's columns are the fields' names in snake case, so a row needs no mapping by hand. */
export function toStoredCommand(row: Row): StoredCommand {
  return camelCased(row) as unknown as StoredCommand;
}

export function toStoredCommandEvent(row: Row): StoredCommandEvent {
  return camelCased(row) as unknown as StoredCommandEvent;
}
