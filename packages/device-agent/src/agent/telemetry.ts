import { type AgentMemory, EMPTY_MEMORY, recentResults } from '../commands/agent-memory.ts';
import type { AgentHost } from '../host/agent-host.ts';
import type { AgentLog } from './agent-log.ts';
import { delay } from './delay.ts';
import { jitteredInterval } from './jitter.ts';
import { type FailedUnit, healthReport, heartbeatReport } from './reports.ts';

export interface TelemetryDeps {
  readonly host: AgentHost;
  readonly heartbeatIntervalSeconds: number;
  readonly healthIntervalSeconds: number;
  readonly bootId: string | undefined;
  readonly send: (kind: 'heartbeat' | 'health', payload: unknown, qos: 0 | 1) => Promise<void>;
  readonly memory: () => AgentMemory | undefined;
  readonly failedUnits: () => readonly FailedUnit[];
  readonly connection: { readonly reconnectCount: number; readonly lastDisconnectAt: number | null };
  readonly now: () => number;
  readonly random: () => number;
  readonly log: AgentLog;
}

export interface Telemetry {
  stop(): void;
}

/** Sends heartbeat and health at once and then at jittered intervals, as long as one connection lives. */
export function createTelemetry(deps: TelemetryDeps): Telemetry {
  const stopped = new AbortController();
  const repeat = async (intervalSeconds: number, report: (deps: TelemetryDeps) => Promise<void>) => {
    while (!stopped.signal.aborted) {
      try {
        await report(deps);
      } catch (error) {
        // The end of the connection shows itself elsewhere; anything else must not end the reports.
        if (!stopped.signal.aborted) deps.log.warn('report not sent', { error: String(error) });
      }
      await delay(jitteredInterval(intervalSeconds * 1_000, deps.random), stopped.signal);
    }
  };
  void repeat(deps.heartbeatIntervalSeconds, sendHeartbeat);
  void repeat(deps.healthIntervalSeconds, sendHealth);
  return { stop: () => stopped.abort() };
}

async function sendHeartbeat({ host, now, bootId, memory, send }: TelemetryDeps): Promise<void> {
  const player = await host.playerProcess();
  await send(
    'heartbeat',
    heartbeatReport({ now: now(), bootId }, player, recentResults(memory() ?? EMPTY_MEMORY)),
    0,
  );
}

async function sendHealth({
  host,
  now,
  bootId,
  connection,
  failedUnits,
  send,
}: TelemetryDeps): Promise<void> {
  const [player, metrics] = await Promise.all([host.playerProcess(), host.readMetrics()]);
  const report = healthReport(
    { now: now(), bootId },
    {
      player,
      metrics,
      appVersion: host.identity().appVersion,
      uptimeSeconds: host.uptimeSeconds(),
      reconnectCount: connection.reconnectCount,
      lastDisconnectAt: connection.lastDisconnectAt,
      failedUnits: failedUnits(),
    },
  );
  await send('health', report, 1);
}
