import {
  acknowledgeCommand,
  cancelCommand,
  endCommandsOfDeletedClient,
  publishCommand,
  sweepExpiredCommands,
} from '@infoscreen/commands';
import { inTransaction } from '@infoscreen/prisma';
import {
  type AckStatus,
  COMMAND_STATUSES,
  type CommandStatus,
  LIFECYCLE_EVENTS,
  type LifecycleEvent,
  nextStatus,
} from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { claimCommand } from '../src/outbox/claim.ts';
import {
  commandIn,
  force,
  letTimeRunOut,
  outbox,
  RecordingBroker,
  settings,
  statusOf,
  transitionsOf,
  useDatabase,
} from './fleet-fixture.ts';

/** The legal moves, written out by hand; everything else must change nothing. */
const LEGAL: Readonly<Record<LifecycleEvent, Partial<Record<CommandStatus, CommandStatus>>>> = {
  claim: { queued: 'publish_in_progress', publish_in_progress: 'publish_in_progress' },
  broker_ack: { publish_in_progress: 'published' },
  device_accepted: { publish_in_progress: 'ack_received', published: 'ack_received' },
  device_started: {
    publish_in_progress: 'execution_started',
    published: 'execution_started',
    ack_received: 'execution_started',
  },
  device_completed: {
    publish_in_progress: 'completed',
    published: 'completed',
    ack_received: 'completed',
    execution_started: 'completed',
  },
  device_failed: {
    publish_in_progress: 'failed',
    published: 'failed',
    ack_received: 'failed',
    execution_started: 'failed',
  },
  device_blocked: {
    publish_in_progress: 'blocked_safety',
    published: 'blocked_safety',
    ack_received: 'blocked_safety',
    execution_started: 'blocked_safety',
  },
  expire: {
    queued: 'expired',
    publish_in_progress: 'expired',
    published: 'expired',
    ack_received: 'expired',
    execution_started: 'expired',
  },
  cancel: { queued: 'cancelled' },
  client_deleted: {
    publish_in_progress: 'failed',
    published: 'failed',
    ack_received: 'failed',
    execution_started: 'failed',
  },
};

const database = useDatabase();
type Subject = { readonly commandId: string; readonly clientUuid: string; readonly from: CommandStatus };

const report =
  (status: AckStatus) =>
  async ({ commandId, clientUuid }: Subject) => {
    await acknowledgeCommand(
      database.pool,
      { clientUuid, commandId, status, errorCode: null, errorMessage: null, deviceTime: null, via: 'ack' },
      settings,
    );
  };

/** How each event comes about in the running system. */
const HAPPENS: Readonly<Record<LifecycleEvent, (subject: Subject) => Promise<unknown>>> = {
  claim: ({ commandId }) => claimCommand(database.pool, commandId, 'server-1'),
  broker_ack: async ({ commandId, from }) => {
    // The state changes while the message is on its way to the broker.
    await force(database.pool, commandId, 'queued');
    const broker = new RecordingBroker();
    broker.onPublish = async () => {
      if (from === 'publish_in_progress') return;
      await force(database.pool, commandId, from);
    };
    await publishCommand(outbox(database.pool, broker), commandId);
  },
  device_accepted: report('accepted'),
  device_started: report('execution_started'),
  device_completed: report('completed'),
  device_failed: report('failed'),
  device_blocked: report('blocked_safety'),
  expire: async ({ commandId }) => {
    await letTimeRunOut(database.pool, commandId);
    await sweepExpiredCommands({ pool: database.pool, instance: 'scheduler-1' });
  },
  cancel: ({ commandId }) => cancelCommand(database.pool, { commandId, cancelledBy: 'anna' }),
  client_deleted: ({ clientUuid }) =>
    inTransaction(database.pool, (client) =>
      endCommandsOfDeletedClient(client, { clientUuid, deletedBy: 'anna' }),
    ),
};

describe.each(LIFECYCLE_EVENTS)('the event %s', (event) => {
  it.each(COMMAND_STATUSES)('in the state %s does what the table says', async (from) => {
    const { commandId, clientUuid } = await commandIn(database.pool, from);
    await HAPPENS[event]({ commandId, clientUuid, from });

    const to = LEGAL[event][from];
    // A deletion cancels what is still queued: that is the event `cancel`.
    const expected = event === 'client_deleted' && from === 'queued' ? 'cancelled' : to;
    expect(nextStatus(from, event)).toBe(to);
    expect(await statusOf(database.pool, commandId)).toBe(expected ?? from);
    const steps = await transitionsOf(database.pool, commandId);
    const own =
      event === 'broker_ack' ? steps.filter((step) => step !== 'queued → publish_in_progress') : steps;
    expect(own).toEqual(expected === undefined ? [] : [`${from} → ${expected}`]);
  });
});

describe('an expired command', () => {
  it.each([
    ['queued', 'not_published'],
    ['publish_in_progress', 'not_published'],
    ['published', 'no_ack'],
    ['ack_received', 'no_execution'],
    ['execution_started', 'no_result'],
  ] as const)('that came as far as %s says so with %s', async (from, errorCode) => {
    const { commandId } = await commandIn(database.pool, from);
    await HAPPENS.expire({ commandId, clientUuid: '', from });
    const { rows } = await database.pool.query(
      'SELECT error_code, error_message FROM client_commands WHERE command_id = $1',
      [commandId],
    );
    expect(rows[0]).toEqual({ error_code: errorCode, error_message: expect.stringMatching(/\w/) });
  });

  it('isn’t one whose execution has started: its result has a time of its own', async () => {
    const { commandId } = await commandIn(database.pool, 'execution_started');
    await database.pool.query(
      `UPDATE client_commands SET expires_at = now() - interval '1 hour' WHERE command_id = $1`,
      [commandId],
    );
    await sweepExpiredCommands({ pool: database.pool, instance: 'scheduler-1' });
    expect(await statusOf(database.pool, commandId)).toBe('execution_started');
  });
});
