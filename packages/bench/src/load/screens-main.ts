import { readFileSync } from 'node:fs';
import { type CommandMessage, deviceTopic, TOPIC_ROOT } from '@infoscreen/shared-types';
import type { BrokerLogin } from './connect-socket.ts';
import { openMqttLine } from './mqtt-line.ts';

// All screens of a fleet in one process: each command is acknowledged, started and done at once.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BrokerLogin;
const line = await openMqttLine({
  ...order,
  clientId: `${order.username}-screens`,
  filter: `${TOPIC_ROOT}/+/commands`,
  onMessage: (_topic, payload) => {
    const { command_id, client_uuid, boot_id } = JSON.parse(payload) as CommandMessage;
    const timestamp = new Date().toISOString();
    line.publish(
      ['accepted', 'execution_started', 'completed'].map((status) => ({
        topic: deviceTopic(client_uuid, 'command_ack'),
        payload: JSON.stringify({ command_id, status, timestamp, boot_id }),
      })),
    );
  },
});
console.log(JSON.stringify({ ready: true }));
process.once('SIGTERM', () => line.close());
