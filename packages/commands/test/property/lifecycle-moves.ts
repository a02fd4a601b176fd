import {
  acknowledgeCommand,
  cancelCommand,
  endCommandsOfDeletedClient,
  publishCommand,
  publishDueCommands,
  sweepExpiredCommands,
} from '@infoscreen/commands';
import { type Database, inTransaction } from '@infoscreen/prisma';
import { ACK_STATUSES } from '@infoscreen/shared-types';
import fc from 'fast-check';
import { letTimeRunOut, outbox, RecordingBroker, settings } from '../fleet-fixture.ts';
import * as model from './command-model.ts';
import type { Process } from './explore-interleavings.ts';
import type { StallingBroker } from './stalling-broker.ts';

/** The command that a story is about, and what its moves need. */
export interface Subject {
  readonly commandId: string;
  readonly clientUuid: string;
  /** Another client of the same fleet. */
  readonly strangerUuid: string;
  readonly stalling: StallingBroker;
}

/** Something that happens to a command: on the real functions, and in the model. */
export interface LifecycleMove {
  readonly name: string;
  /** @returns the outcome that the model tells too */
  readonly act: (subject: Subject, pool: Database['pool'], instance: string) => Promise<string>;
  readonly model: Process<model.CommandModel>;
}

function publish(mood: model.BrokerMood): LifecycleMove {
  return {
    name: `publish while the broker ${mood}`,
    model: model.publishing(mood),
    act: ({ commandId, stalling }, pool, instance) => {
      if (mood === 'stalls')
        return stalling.reach((broker) => publishCommand(outbox(pool, broker, instance), commandId));
      return publishCommand(outbox(pool, brokerThat(mood), instance), commandId);
    },
  };
}

function outboxPass(isTaken: boolean): LifecycleMove {
  return {
    name: `outbox pass while the broker ${isTaken ? 'takes' : 'fails'}`,
    model: model.outboxPass(isTaken),
    act: async (_subject, pool, instance) => {
      await publishDueCommands(outbox(pool, brokerThat(isTaken ? 'takes' : 'fails'), instance), {
        limit: 10,
      });
      return 'done';
    },
  };
}

function brokerThat(mood: 'takes' | 'fails' | 'is_away'): RecordingBroker {
  const broker = new RecordingBroker();
  broker.connected = mood !== 'is_away';
  if (mood === 'fails') broker.onPublish = () => Promise.reject(new Error('no acknowledgement'));
  return broker;
}

function brokerAnswer(isTaken: boolean): LifecycleMove {
  return {
    name: `broker ${isTaken ? 'acknowledges' : 'loses'} what it holds`,
    model: model.brokerAnswer(isTaken),
    act: async ({ stalling }) => {
      await stalling.answer(isTaken);
      return 'done';
    },
  };
}

interface DeviceReport extends model.Report {
  readonly deviceTime: Date | null;
  readonly via: 'ack' | 'heartbeat';
}

function report({ deviceTime, via, ...said }: DeviceReport): LifecycleMove {
  const { status, errorCode, isOwn } = said;
  return {
    name: `${isOwn ? 'device' : 'another device'} reports ${status} ${errorCode ?? ''} by ${via} at ${String(deviceTime?.toJSON())}`,
    model: model.reporting(said),
    act: async ({ commandId, clientUuid, strangerUuid }, pool) => {
      const acknowledgement = {
        commandId,
        clientUuid: isOwn ? clientUuid : strangerUuid,
        status,
        errorCode,
        errorMessage: null,
        deviceTime,
        via,
      };
      return (await acknowledgeCommand(pool, acknowledgement, settings)).outcome;
    },
  };
}

const sweep: LifecycleMove = {
  name: 'sweep',
  model: model.sweeping(),
  act: async (_subject, pool, instance) => {
    await sweepExpiredCommands({ pool, instance });
    return 'done';
  },
};

const cancel: LifecycleMove = {
  name: 'cancel',
  model: model.cancelling(),
  act: async ({ commandId }, pool) => (await cancelCommand(pool, { commandId, cancelledBy: 'anna' })).outcome,
};

const deleteClient: LifecycleMove = {
  name: 'delete the client',
  model: model.deletingClient(),
  act: async ({ clientUuid }, pool) => {
    await inTransaction(pool, async (db) => {
      await db.query('UPDATE clients SET deleted_at = clock_timestamp() WHERE uuid = $1', [clientUuid]);
      await endCommandsOfDeletedClient(db, { clientUuid, deletedBy: 'anna' });
    });
    return 'done';
  },
};

const timeRunsOut: LifecycleMove = {
  name: 'time runs out',
  model: model.timeRunningOut(),
  act: async ({ commandId }, pool) => {
    await letTimeRunOut(pool, commandId);
    return 'done';
  },
};

const leaseLapses: LifecycleMove = {
  name: 'lease lapses, or it is time to send again',
  model: model.leaseLapsing(),
  act: async ({ commandId }, pool) => {
    await pool.query(
      `UPDATE client_commands SET
         lease_until = CASE WHEN lease_until IS NOT NULL THEN now() - interval '1 second' END,
         next_publish_at = CASE WHEN next_publish_at IS NOT NULL THEN now() - interval '1 second' END
       WHERE command_id = $1`,
      [commandId],
    );
    return 'done';
  },
};

/** Clocks of devices: right, years off, and the ends of what the database's calendar is given. */
const deviceClock = fc.option(
  fc.oneof(
    fc.date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true }),
    fc.integer({ min: -300_000, max: 300_000 }).map((skewMs) => new Date(Date.now() + skewMs)),
  ),
);

const anyReport = fc
  .record({
    status: fc.constantFrom(...ACK_STATUSES),
    errorCode: fc.constantFrom(null, null, 'expired_on_arrival', 'boot_changed'),
    isOwn: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    deviceTime: deviceClock,
    via: fc.constantFrom('ack' as const, 'heartbeat' as const),
  })
  .map(report);

const anyPublish = fc.constantFrom<model.BrokerMood>('takes', 'fails', 'stalls', 'is_away').map(publish);
const anyHoldUp = fc.constantFrom<model.BrokerMood>('fails', 'stalls', 'stalls').map(publish);
const anyOutboxPass = fc.boolean().map(outboxPass);
const anyBrokerAnswer = fc.boolean().map(brokerAnswer);

/** Everything that can happen. */
export const anyMove: fc.Arbitrary<LifecycleMove> = fc.oneof(
  { weight: 6, arbitrary: anyPublish },
  { weight: 3, arbitrary: anyOutboxPass },
  { weight: 3, arbitrary: anyBrokerAnswer },
  { weight: 12, arbitrary: anyReport },
  { weight: 4, arbitrary: fc.constant(sweep) },
  { weight: 2, arbitrary: fc.constant(timeRunsOut) },
  { weight: 4, arbitrary: fc.constant(leaseLapses) },
  { weight: 1, arbitrary: fc.constantFrom(cancel, deleteClient) },
);

/** What happens while the broker is slow and publishers die: commands that stay in the outbox for long. */
export const anyOutboxMove: fc.Arbitrary<LifecycleMove> = fc.oneof(
  { weight: 6, arbitrary: anyHoldUp },
  { weight: 2, arbitrary: anyPublish },
  { weight: 4, arbitrary: anyOutboxPass },
  { weight: 5, arbitrary: anyBrokerAnswer },
  { weight: 7, arbitrary: fc.constant(leaseLapses) },
  { weight: 1, arbitrary: anyReport },
  { weight: 1, arbitrary: fc.constant(sweep) },
);
