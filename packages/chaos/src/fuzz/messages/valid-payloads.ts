import { ACK_STATUSES, type DeviceTopicKind, PROCESS_STATUSES } from '@infoscreen/shared-types';
import fc from 'fast-check';
import type { FuzzedScreens } from './fuzzed-screens.ts';

const text = fc.oneof(fc.constantFrom('hall-1', 'player.service', ''), fc.string({ maxLength: 30 }));
const unit = fc.constantFrom('player.service', 'network.service', 'disk.mount', 'ä-unit 1');
const time = fc.oneof(
  fc.constant(undefined).map(() => new Date().toISOString()),
  fc
    .date({ min: new Date('1971-01-01'), max: new Date('2990-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
);
const bootId = fc.constantFrom('boot-1', 'boot-2', 'boot-3');
const count = fc.nat({ max: 2_147_483_647 });
const percent = fc.double({ min: 0, max: 100, noNaN: true });
const processStatus = fc.constantFrom(...PROCESS_STATUSES);
const some = { requiredKeys: [] as never[] };

const metrics = fc.record(
  {
    cpu_percent: percent,
    memory_percent: percent,
    disk_percent: percent,
    temperature_c: fc.double({ min: -100, max: 250, noNaN: true }),
  },
  some,
);
const brokerConnection = fc.record(
  { connected: fc.boolean(), reconnect_count: count, last_disconnect_at: time },
  some,
);
const health = fc.record(
  {
    timestamp: time,
    process_status: processStatus,
    process_name: text,
    process_pid: count,
    app_version: text,
    boot_id: bootId,
    uptime_s: fc.double({ min: 0, max: 1e10, noNaN: true }),
    metrics,
    broker_connection: brokerConnection,
    failed_units: fc.array(fc.record({ unit, failed_at: time }, { requiredKeys: ['unit'] }), {
      maxLength: 4,
    }),
  },
  some,
);

/** Payloads that the contract allows, of one kind, from the screen `clientUuid`. */
export function validPayloads(
  kind: DeviceTopicKind | 'discovery_alias',
  clientUuid: string,
  { commands }: FuzzedScreens,
): fc.Arbitrary<unknown> {
  const everyCommand = [...commands.values()].flat();
  const commandId = fc.oneof(
    fc.constantFrom(...(commands.get(clientUuid) ?? everyCommand)),
    fc.constantFrom(...everyCommand),
    fc.uuid(),
  );
  const result = {
    command_id: commandId,
    status: fc.constantFrom(...ACK_STATUSES),
    error_code: text,
    error_message: text,
  };
  const required = { requiredKeys: ['command_id', 'status'] as ('command_id' | 'status')[] };
  switch (kind) {
    case 'discovery':
    case 'discovery_alias':
      return fc.record(
        {
          uuid: fc.constant(clientUuid),
          hostname: text,
          ip: text,
          model: text,
          os_version: text,
          app_version: text,
          boot_id: bootId,
        },
        { requiredKeys: ['uuid'] },
      );
    case 'heartbeat':
      return fc.record(
        {
          timestamp: time,
          boot_id: bootId,
          process_status: processStatus,
          recent_results: fc.array(fc.record(result, required), { maxLength: 8 }),
        },
        some,
      );
    case 'health':
      return health;
    case 'service_failed':
      return fc.record({ unit, failed_at: time, reason: text, restarts: count }, { requiredKeys: ['unit'] });
    case 'presence':
      return fc.record(
        { online: fc.boolean(), session_id: text, reason: text },
        { requiredKeys: ['online'] },
      );
    case 'command_ack':
    case 'command_ack_legacy':
      return fc.record({ ...result, timestamp: time, boot_id: bootId }, required);
    default:
      return kind satisfies never;
  }
}
