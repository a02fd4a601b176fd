import { acknowledgeCommand } from '@infoscreen/commands';
import { inTransaction } from '@infoscreen/prisma';
import type { RecentResult } from '@infoscreen/shared-types';
import { noteBoot } from '../clients/note-boot.ts';
import { lockClient } from '../failures/lock-client.ts';
import { recordFailure } from '../failures/record-failure.ts';
import { deviceTime } from '../intake/device-time.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { ClientTelemetry } from './client-telemetry.ts';
import { SeenReports } from './seen-reports.ts';
import type { WrittenTelemetry } from './write-telemetry.ts';

const REMEMBERED_REPORTS = 100_000;

type FailedUnit = NonNullable<NonNullable<ClientTelemetry['health']>['payload']['failed_units']>[number];

/**
 * What telemetry tells besides the state: a new boot, another version, results of commands and failures that a broker may
 * have lost. Rare, so it is stored client by client, after the batch; a report that was stored once is not looked at again.
 */
export class TelemetryReports {
  readonly #deps: IntakeDeps;
  readonly #seen = new SeenReports(REMEMBERED_REPORTS);

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** Whether anything would have to be stored. */
  hasNews(telemetry: ClientTelemetry, written: WrittenTelemetry): boolean {
    const appVersion = telemetry.health?.payload.app_version;
    return (
      (telemetry.bootId !== undefined && telemetry.bootId !== written.bootId) ||
      (appVersion !== undefined && appVersion !== written.appVersion) ||
      this.#newResults(telemetry).length > 0 ||
      this.#newFailures(telemetry).length > 0
    );
  }

  /** Committed when it resolves; may be run again. */
  async store(telemetry: ClientTelemetry, written: WrittenTelemetry): Promise<void> {
    const { clientUuid, health } = telemetry;
    await noteBoot(this.#deps, clientUuid, telemetry.bootId, written.bootId);
    const appVersion = health?.payload.app_version;
    if (appVersion && appVersion !== written.appVersion) {
      await this.#deps.pool.query(
        'UPDATE clients SET app_version = $2, updated_at = clock_timestamp() WHERE uuid = $1 AND deleted_at IS NULL',
        [clientUuid, appVersion],
      );
    }
    await this.#storeFailures(clientUuid, this.#newFailures(telemetry));
    for (const result of this.#newResults(telemetry)) await this.#storeResult(clientUuid, result);
  }

  async #storeFailures(clientUuid: string, failures: readonly FailedUnit[]): Promise<void> {
    if (failures.length === 0) return;
    const stored = await inTransaction(this.#deps.pool, async (db) => {
      await lockClient(db, clientUuid);
      for (const [index, { unit, failed_at }] of failures.entries()) {
        const failedAt = deviceTime(failed_at);
        const report = { clientUuid, unit, failedAt, reason: null, restarts: null, isRepeat: true };
        // The next report tells the rest again, when some may be cleared.
        if ((await recordFailure(db, report)) === 'too_many') return failures.slice(0, index);
      }
      return failures;
    });
    for (const failure of stored) this.#seen.add(failureKey(clientUuid, failure));
  }

  async #storeResult(clientUuid: string, result: RecentResult): Promise<void> {
    const { outcome } = await acknowledgeCommand(
      this.#deps.pool,
      {
        clientUuid,
        commandId: result.command_id,
        status: result.status,
        errorCode: result.error_code ?? null,
        errorMessage: result.error_message ?? null,
        deviceTime: null,
        via: 'heartbeat',
      },
      this.#deps.lifecycle,
    );
    // Too early is the only answer that can become another one.
    if (outcome !== 'too_early') this.#seen.add(resultKey(clientUuid, result));
    const { logger, metrics } = this.#deps;
    metrics
      .counter('infoscreen_command_acks_total', 'Reports of devices on commands.', [
        'status',
        'outcome',
        'via',
      ])
      .inc({ status: result.status, outcome, via: 'heartbeat' });
    if (outcome !== 'moved' && outcome !== 'late') return;
    logger.info('command acknowledged', {
      command_id: result.command_id,
      client_uuid: clientUuid,
      status: result.status,
      outcome,
      via: 'heartbeat',
    });
  }

  #newResults({ clientUuid, recentResults }: ClientTelemetry): readonly RecentResult[] {
    return recentResults.filter((result) => !this.#seen.has(resultKey(clientUuid, result)));
  }

  #newFailures({ clientUuid, health }: ClientTelemetry): readonly FailedUnit[] {
    const failures = health?.payload.failed_units ?? [];
    return failures.filter((failure) => !this.#seen.has(failureKey(clientUuid, failure)));
  }
}

const resultKey = (clientUuid: string, { command_id, status }: RecentResult) =>
  `${clientUuid} ${command_id} ${status}`;
const failureKey = (clientUuid: string, { unit, failed_at }: FailedUnit) =>
  `${clientUuid} ${failed_at ?? ''} ${unit}`;
