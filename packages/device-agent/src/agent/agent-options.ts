import type { BrokerAddress, ConnectBroker } from '../broker/broker-link.ts';
import type { decideCommand } from '../commands/decide-command.ts';
import type { AgentHost } from '../host/agent-host.ts';
import type { AgentStore } from '../store/agent-store.ts';
import type { AgentLog } from './agent-log.ts';
import type { Backoff } from './jitter.ts';

export interface DeviceAgentOptions {
  /** The client's UUID, lower case: its MQTT client id, its user name, and the second level of its topics. */
  readonly uuid: string;
  /** Left out where `broker.tls` has a certificate that says who it is. */
  readonly password?: string;
  readonly broker: BrokerAddress;
  readonly host: AgentHost;
  readonly store: AgentStore;
  readonly heartbeatIntervalSeconds?: number;
  readonly healthIntervalSeconds?: number;
  readonly keepaliveSeconds?: number;
  readonly reconnectBackoff?: Backoff;
  /** How long the host may take from the order to reboot or power off until it is gone. */
  readonly powerActionTimeoutSeconds?: number;
  /** An older agent: reports no boot id, listens on `command` alone, ACKs on `command/ack`, discovery on the alias. */
  readonly isLegacy?: boolean;
  /** ACKs on `command/ack` although the agent isn't a legacy one otherwise. */
  readonly usesLegacyAckTopic?: boolean;
  /** The screen's own clock, milliseconds since the epoch. */
  readonly now?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly log?: AgentLog;
  readonly connect?: ConnectBroker;
  readonly decide?: typeof decideCommand;
  readonly onConnectionChange?: (isOnline: boolean) => void;
}
