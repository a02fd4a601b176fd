import type { AgentLog } from '../agent/agent-log.ts';
import type { Backoff } from '../agent/jitter.ts';
import type { ConnectBroker, LinkTls } from '../broker/broker-link.ts';
import type { HostIdentity } from '../host/agent-host.ts';
import type { AgentStore } from '../store/agent-store.ts';

export interface SimulatedScreenOptions extends Partial<HostIdentity> {
  readonly uuid: string;
  readonly password?: string;
  readonly mqttHost: string;
  readonly mqttPort: number;
  readonly mqttTls?: LinkTls;
  readonly heartbeatIntervalSeconds?: number;
  readonly healthIntervalSeconds?: number;
  readonly keepaliveSeconds?: number;
  /** How long it is away for a reboot. */
  readonly rebootSeconds?: number;
  /** How long its player takes from `starting` to `running`. */
  readonly restartAppSeconds?: number;
  readonly reconnectBackoff?: Backoff;
  readonly isLegacy?: boolean;
  readonly usesLegacyAckTopic?: boolean;
  /** The naive twin: runs a command as often as it arrives. Boot fence and expiry hold all the same. */
  readonly withoutDeduplication?: boolean;
  /** The naive twin: takes a command that was meant for an earlier boot for a new one. */
  readonly withoutBootFence?: boolean;
  /** Opens its links, so that somebody may watch what it says and what the broker takes. */
  readonly connect?: ConnectBroker;
  readonly store?: AgentStore;
  readonly log?: AgentLog;
}

/** How it introduces itself where nobody said otherwise; the address is one of those kept for documentation. */
export function simulatedIdentity(options: SimulatedScreenOptions): HostIdentity {
  return {
    hostname: options.hostname ?? `screen-${options.uuid.slice(0, 8)}`,
    ip: options.ip ?? '192.0.2.10',
    model: options.model ?? 'Simulated Screen',
    osVersion: options.osVersion ?? 'Simulated Linux 1.0',
    appVersion: options.appVersion ?? '1.0.0',
  };
}
