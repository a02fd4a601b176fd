import { CLIENT_STATUSES, clientStatus, crashReason, PROCESS_STATUSES } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { clientStatusSql, crashReasonSql } from '../src/clients/client-sql.ts';
import { useServer } from './server-fixture.ts';

const server = useServer();
const GRACE_SECONDS = 180;
/** Seconds before now; the grace itself, one millisecond less and one more are the border. */
const AGES = [null, 0, 179.999, 180, 180.001];
const METRICS = [null, 97.9, 98, 99] as const;

interface Facts {
  readonly message: number | null;
  readonly alive: number | null;
  readonly online: boolean | null;
  readonly process: (typeof PROCESS_STATUSES)[number] | null;
  readonly failure: boolean;
  readonly exhausted: boolean;
  readonly cpu: number | null;
}

function grid(): Facts[] {
  const facts: Facts[] = [];
  for (const message of AGES)
    for (const alive of AGES)
      for (const online of [null, true, false])
        for (const process of [null, ...PROCESS_STATUSES])
          for (const [failure, exhausted] of [
            [false, false],
            [true, false],
            [false, true],
          ] as const)
            for (const cpu of METRICS)
              facts.push({ message, alive, online, process, failure, exhausted, cpu });
  return facts;
}

describe('the status in SQL', () => {
  it('is the one of the rule, for every combination of facts', async () => {
    const facts = grid();
    const { rows } = await server.database.pool.query<{ status: string; reason: string | null }>(
      `SELECT ${clientStatusSql('$2')} AS status, ${crashReasonSql('$2')} AS reason
       FROM (SELECT ordinality, fact, date_trunc('milliseconds', statement_timestamp()) AS now
             FROM json_array_elements($1::json) WITH ORDINALITY AS facts(fact, ordinality)) g,
       LATERAL (SELECT now - make_interval(secs => (fact->>'message')::float8) AS last_message_at,
         now - make_interval(secs => (fact->>'alive')::float8) AS last_alive,
         (fact->>'online')::boolean AS presence_online, fact->>'process' AS process_status,
         (fact->>'cpu')::real AS cpu_percent, NULL::real AS memory_percent, NULL::real AS disk_percent,
         NULL::real AS temperature_c) s,
       LATERAL (SELECT CASE WHEN (fact->>'failure')::boolean THEN 'unit' END AS unit) f,
       LATERAL (SELECT CASE WHEN (fact->>'exhausted')::boolean THEN now END AS exhausted_at) r
       ORDER BY ordinality`,
      [JSON.stringify(facts), GRACE_SECONDS],
    );
    const clock = { now: 1_000_000_000, graceMs: GRACE_SECONDS * 1000 };
    const at = (age: number | null) => (age === null ? null : clock.now - age * 1000);
    const wanted = facts.map((fact) => {
      const known = {
        lastMessageAt: at(fact.message),
        lastAliveAt: at(fact.alive),
        presenceOnline: fact.online,
        processStatus: fact.process,
        hasOpenFailure: fact.failure,
        isRecoveryExhausted: fact.exhausted,
        metrics: { cpuPercent: fact.cpu, memoryPercent: null, diskPercent: null, temperatureC: null },
      };
      return { status: clientStatus(known, clock), reason: crashReason(known, clock) };
    });
    expect(rows).toEqual(wanted);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(CLIENT_STATUSES));
  });
});
