import { setTimeout as pause } from 'node:timers/promises';
import { commandTopics, deviceTopic } from '@infoscreen/shared-types';
import { type Credentials, connectMqtt, eventually, type Fleet } from '@infoscreen/test-kit';

const STATUSES = ['accepted', 'execution_started', 'completed'] as const;
/** Less than a client may send for ever, or its surplus is refused. */
const COMMAND_EVERY_MS = 500;
const STORED_DEADLINE_MS = 60_000;

export interface QuietScreens {
  /** From now on commands are issued to them, one after the other to each, and answered at once. */
  readonly start: () => void;
  /**
   * Issues no more. @returns of each ACK, the milliseconds from its departure to its row in the timeline
   * @throws when one isn't stored
   */
  readonly stop: () => Promise<readonly number[]>;
}

/** Screens with nothing to say but what becomes of their commands. Every time is of this machine's clock. */
export async function connectQuietScreens(
  fleet: Fleet,
  uuids: readonly string[],
  account: Credentials,
): Promise<QuietScreens> {
  const screens = await Promise.all(uuids.map((uuid) => connectScreen(fleet, uuid, account)));
  let isRunning = false;
  let runs: Promise<readonly string[]>[] = [];
  return {
    start: () => {
      isRunning = true;
      runs = screens.map((screen) => keepCommanding(fleet, screen, () => isRunning));
      // Told by `stop`, however late it comes.
      for (const run of runs) run.catch(() => {});
    },
    stop: async () => {
      isRunning = false;
      return untilStored(fleet, (await Promise.all(runs)).flat());
    },
  };
}

type Screen = Awaited<ReturnType<typeof connectScreen>>;

async function connectScreen({ broker }: Fleet, uuid: string, account: Credentials) {
  const connection = await connectMqtt({ port: broker.port, clientId: `quiet-${uuid}`, ...account });
  for (const topic of commandTopics(uuid, { legacy: false })) await connection.subscribe(topic);
  const answered = new Set<string>();
  connection.client.on('message', (_topic, payload) => {
    const { command_id: commandId } = JSON.parse(payload.toString()) as { command_id: string };
    if (answered.has(commandId)) return;
    answered.add(commandId);
    for (const status of STATUSES) {
      const ack = { command_id: commandId, status, timestamp: new Date().toISOString() };
      void connection.publish(deviceTopic(uuid, 'command_ack'), ack);
    }
  });
  return { uuid, answered, connection };
}

async function keepCommanding(
  { admin }: Fleet,
  { uuid, answered }: Screen,
  isWanted: () => boolean,
): Promise<readonly string[]> {
  const commandIds: string[] = [];
  while (isWanted()) {
    const next = pause(COMMAND_EVERY_MS);
    const { status, json } = await admin.call('POST', `/api/clients/${uuid}/restart_app`, {
      reason: 'quiet',
    });
    if (status !== 202) throw new Error(`a command was answered with ${status}: ${JSON.stringify(json)}`);
    const { commandId } = json.command as { commandId: string };
    commandIds.push(commandId);
    await eventually(() => answered.has(commandId), {
      deadlineMs: STORED_DEADLINE_MS,
      intervalMs: 5,
      what: 'a quiet screen gets its command',
    });
    await next;
  }
  return commandIds;
}

async function untilStored({ database }: Fleet, commandIds: readonly string[]): Promise<readonly number[]> {
  const stored = () =>
    database.asOwner<{ ms: number }>(
      `SELECT (extract(epoch FROM server_time - device_time) * 1000)::float8 AS ms
       FROM client_command_events WHERE command_id = ANY ($1) AND device_time IS NOT NULL`,
      [commandIds],
    );
  let rows = await stored();
  await eventually(
    async () => {
      rows = await stored();
      return rows.length === commandIds.length * STATUSES.length;
    },
    {
      deadlineMs: STORED_DEADLINE_MS,
      intervalMs: 100,
      what: () => `${commandIds.length * STATUSES.length} ACKs are stored, so far ${rows.length}`,
    },
  );
  return rows.map(({ ms }) => Math.max(0, ms));
}
