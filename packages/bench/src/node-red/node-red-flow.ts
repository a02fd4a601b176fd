import { fleetFilter } from '@infoscreen/shared-types';
import type { BurstKind } from '../load/burst.ts';
import type { BrokerLogin } from '../load/connect-socket.ts';

/** What the flow takes. Each kind writes columns of its own, so that one sees from outside that both are stored. */
export const NODE_RED_KINDS = ['heartbeat', 'health'] as const satisfies readonly BurstKind[];

/** The body of a function node, which finds the pool in the global context. */
const STORE: Readonly<Record<(typeof NODE_RED_KINDS)[number], string>> = {
  heartbeat: `await global.get('pool').query(
  \`UPDATE client_states SET last_alive = now(), last_message_at = now(), process_status = $2
   WHERE client_uuid = $1\`,
  [msg.topic.split('/')[1], msg.payload.process_status],
);
return msg;`,
  health: `await global.get('pool').query(
  \`UPDATE client_states SET last_health_at = now(), last_message_at = now(), process_status = $2, uptime_seconds = $3
   WHERE client_uuid = $1\`,
  [msg.topic.split('/')[1], msg.payload.process_status, msg.payload.uptime_s],
);
return msg;`,
};

export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

/** As the editor saves it: one tab; of each kind an input that parses JSON, and a function with one UPDATE per message. */
export function nodeRedFlow({ host, port }: Pick<BrokerLogin, 'host' | 'port'>): readonly FlowNode[] {
  return [
    { id: 'tab', type: 'tab', label: 'screens', disabled: false },
    {
      id: 'broker',
      type: 'mqtt-broker',
      broker: host,
      port: String(port),
      clientid: 'node-red',
      autoConnect: true,
      usetls: false,
      protocolVersion: '4',
      keepalive: '60',
      cleansession: true,
    },
    ...NODE_RED_KINDS.flatMap((kind) => [
      {
        id: `${kind}-in`,
        type: 'mqtt in',
        z: 'tab',
        topic: fleetFilter(kind),
        qos: '1',
        datatype: 'json',
        broker: 'broker',
        inputs: 0,
        wires: [[`${kind}-store`]],
      },
      {
        id: `${kind}-store`,
        type: 'function',
        z: 'tab',
        func: STORE[kind],
        outputs: 1,
        timeout: 0,
        initialize: '',
        finalize: '',
        libs: [],
        wires: [[]],
      },
    ]),
  ];
}
