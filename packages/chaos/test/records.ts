import type { CommandStatus } from '@infoscreen/shared-types';
import type { Records, ScreenRecords, StoredCommand, StoredEvent } from '../src/books/records.ts';

export const CLIENT = '00000000-0000-4000-8000-00000000000a';
export const COMMAND = '00000000-0000-4000-8000-000000000001';
/** When the one command of the builders was accepted; it expires a minute later. */
export const START = 1_000_000;
const TTL_MS = 60_000;

export function step(from: CommandStatus | null, to: CommandStatus): StoredEvent {
  return { kind: 'transition', from, to, source: 'api', actor: 'admin', at: START, detail: null };
}

/** A timeline through these states, from the first on. */
export function through(...states: readonly CommandStatus[]): StoredEvent[] {
  return states.map((to, index) => step(states[index - 1] ?? null, to));
}

/** A command that went the usual way to its end. */
export function storedCommand(overrides: Partial<StoredCommand> = {}): StoredCommand {
  const status = overrides.status ?? 'completed';
  return {
    commandId: COMMAND,
    clientUuid: CLIENT,
    action: 'restart_app',
    status,
    reason: 'key-1',
    bootId: 'boot-1',
    createdAt: START,
    expiresAt: START + TTL_MS,
    errorCode: null,
    lateOutcome: null,
    timeline:
      status === 'cancelled'
        ? through('queued', 'cancelled')
        : through('queued', 'publish_in_progress', 'published', status),
    ...overrides,
  };
}

export const execution = {
  clientUuid: CLIENT,
  commandId: COMMAND,
  action: 'restart_app' as const,
  at: START + 1000,
  expiresAt: START + TTL_MS,
};

const accepted = {
  commandId: COMMAND,
  key: 'key-1',
  clientUuid: CLIENT,
  action: 'restart_app' as const,
  acceptedAt: START,
  isCancelled: false,
};

/** Records of one command that was accepted, ran, was reported and is completed. */
export function records(
  overrides: {
    readonly stored?: readonly StoredCommand[];
    readonly screens?: Partial<ScreenRecords>;
    readonly accepted?: readonly Partial<typeof accepted>[];
  } & Partial<Pick<Records, 'storedFailures' | 'lossWindows'>> = {},
): Records {
  return {
    accepted: (overrides.accepted ?? [{}]).map((one) => ({ ...accepted, ...one })),
    stored: overrides.stored ?? [storedCommand()],
    requested: new Set(['key-1', 'key-2']),
    storedFailures: overrides.storedFailures ?? new Set(),
    lossWindows: overrides.lossWindows ?? [],
    screens: {
      executions: [execution],
      boots: [],
      said: [{ commandId: COMMAND, status: 'completed', at: START + 1500 }],
      acks: [{ clientUuid: CLIENT, commandId: COMMAND, status: 'completed', takenAt: [START + 1600] }],
      failures: [],
      ...overrides.screens,
    },
  };
}
