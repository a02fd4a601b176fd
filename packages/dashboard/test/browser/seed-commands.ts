import type {
  CommandAction,
  CommandEventKind,
  CommandEventSource,
  CommandStatus,
} from '@infoscreen/shared-types';
import type { Fleet } from '@infoscreen/test-kit';

interface SeededStep {
  readonly to: CommandStatus;
  /** Since the command was made, in seconds. */
  readonly after: number;
  readonly source: CommandEventSource;
  readonly kind?: CommandEventKind;
  readonly actor?: string;
}

interface SeededCommand {
  readonly uuid: string;
  readonly action: CommandAction;
  readonly by: string;
  readonly reason?: string;
  readonly minutesAgo: number;
  readonly steps: readonly SeededStep[];
  readonly errorCode?: string;
  readonly effectObserved?: boolean;
}

const queued: SeededStep = { to: 'queued', after: 0, source: 'api' };
const claimed: SeededStep = {
  to: 'publish_in_progress',
  after: 0.004,
  source: 'publisher',
  actor: 'server-1',
};
const published: SeededStep = { to: 'published', after: 0.021, source: 'publisher', actor: 'server-1' };
const sent = [queued, claimed, published];
const accepted: SeededStep = { to: 'ack_received', after: 0.14, source: 'device' };
const started: SeededStep = { to: 'execution_started', after: 0.2, source: 'device' };
const again = (after: number): SeededStep => ({
  to: 'published',
  after,
  kind: 'republished',
  source: 'publisher',
  actor: 'scheduler-1',
});
const swept = (after: number): SeededStep => ({
  to: 'expired',
  after,
  source: 'sweep',
  actor: 'scheduler-1',
});

/** A day of commands as people and recovery send them: one of each end, and of each way to get there. */
export async function seedCommandHistory(fleet: Fleet, uuids: readonly string[]): Promise<void> {
  const on = (index: number) => uuids[index % uuids.length] ?? '';
  const history: readonly SeededCommand[] = [
    {
      uuid: on(0),
      action: 'reboot_host',
      by: 'hausmeister',
      reason: 'Bild flackert seit dem Morgen',
      minutesAgo: 34,
      steps: [
        ...sent,
        accepted,
        started,
        { to: 'completed', after: 48, source: 'device' },
        { to: 'completed', after: 48.1, kind: 'effect', source: 'device' },
      ],
      effectObserved: true,
    },
    {
      uuid: on(1),
      action: 'restart_app',
      by: 'admin',
      reason: 'Neue Inhalte erscheinen nicht',
      minutesAgo: 52,
      steps: [...sent, accepted, started, { to: 'failed', after: 31, source: 'device' }],
      errorCode: 'player_did_not_start',
    },
    {
      uuid: on(2),
      action: 'restart_app',
      by: 'scheduler',
      minutesAgo: 71,
      steps: [...sent, again(7), again(19), again(43), swept(240)],
      errorCode: 'no_ack',
    },
    {
      uuid: on(1),
      action: 'restart_app',
      by: 'hausmeister',
      reason: 'noch einmal',
      minutesAgo: 95,
      steps: [{ to: 'blocked_safety', after: 0, source: 'api' }],
      errorCode: 'safety_lockout',
    },
    {
      uuid: on(3),
      action: 'shutdown_host',
      by: 'admin',
      reason: 'Umbau im Foyer, Strom wird abgeschaltet',
      minutesAgo: 190,
      steps: [
        ...sent,
        accepted,
        started,
        { to: 'completed', after: 1.4, source: 'device' },
        { to: 'completed', after: 6, kind: 'effect', source: 'device' },
      ],
      effectObserved: true,
    },
    {
      uuid: on(4),
      action: 'reboot_host',
      by: 'leitung',
      minutesAgo: 260,
      steps: [queued, { to: 'cancelled', after: 14, source: 'api' }],
    },
    {
      uuid: on(5),
      action: 'reboot_host',
      by: 'admin',
      reason: 'Nach dem Update',
      minutesAgo: 520,
      steps: [
        ...sent,
        accepted,
        started,
        { to: 'completed', after: 62, source: 'device' },
        { to: 'completed', after: 362, kind: 'effect', source: 'sweep', actor: 'scheduler-1' },
      ],
      effectObserved: false,
    },
    {
      uuid: on(6),
      action: 'restart_app',
      by: 'scheduler',
      minutesAgo: 790,
      steps: [...sent, accepted, started, { to: 'completed', after: 4.2, source: 'device' }],
    },
  ];
  for (const command of history) await seedCommand(fleet, command);
}

async function seedCommand(fleet: Fleet, command: SeededCommand): Promise<void> {
  const { uuid, action, by, reason, minutesAgo, steps, errorCode, effectObserved } = command;
  const end = steps.findLast(({ kind }) => kind === undefined);
  const at = (status: CommandStatus) => steps.find(({ to }) => to === status)?.after ?? null;
  const isOver = ![
    'queued',
    'publish_in_progress',
    'published',
    'ack_received',
    'execution_started',
  ].includes(end?.to ?? '');
  await fleet.database.asOwner(
    `WITH made AS (
       INSERT INTO client_commands (command_id, client_uuid, action, status, reason, requested_by, counts_for_lockout, error_code,
         created_at, expires_at, publish_attempt, publish_count, published_at, ack_received_at, execution_started_at, finished_at,
         effect_observed, effect_observed_at, effect_boot_id)
       SELECT gen_random_uuid(), $1, $2, $3, $4, $5, $3 <> 'blocked_safety', $6,
         made_at, made_at + interval '4 minutes', 1, 1, made_at + make_interval(secs => $8), made_at + make_interval(secs => $9),
         made_at + make_interval(secs => $10), made_at + make_interval(secs => $11),
         $12, CASE WHEN $12::boolean IS NOT NULL THEN made_at + make_interval(secs => $13) END,
         CASE WHEN $12::boolean AND $2 = 'reboot_host' THEN gen_random_uuid()::text END
       FROM (SELECT now() - make_interval(mins => $7) AS made_at) AS times
       RETURNING command_id, created_at
     )
     INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, server_time, error_code)
     SELECT command_id, kind, NULL, to_status, source, actor, created_at + make_interval(secs => after),
       CASE WHEN kind = 'transition' AND to_status = $3 THEN $6 END
     FROM made, json_to_recordset($14::json) AS step(kind text, to_status text, source text, actor text, after float)`,
    [
      uuid,
      action,
      end?.to,
      reason ?? null,
      by,
      errorCode ?? null,
      minutesAgo,
      at('published'),
      at('ack_received'),
      at('execution_started'),
      isOver ? end?.after : null,
      effectObserved ?? null,
      steps.at(-1)?.after,
      JSON.stringify(
        steps.map(({ to, after, source, kind = 'transition', actor }) => ({
          kind,
          to_status: to,
          source,
          actor: actor ?? (source === 'device' ? uuid : by),
          after,
        })),
      ),
    ],
  );
}
