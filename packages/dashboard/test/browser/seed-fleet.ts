import type { Fleet } from '@infoscreen/test-kit';

const PLACES = ['Foyer', 'Mensa', 'Aula', 'Bibliothek', 'Werkstatt', 'Turnhalle', 'Sekretariat', 'Flur'];
const GROUPS = ['Grundschule Nord', 'Gymnasium Mitte', 'Rathaus', 'Stadtwerke'];

/** A name that would be markup, were it not text. */
export const HOSTILE_NAME = '<img src=x onerror="document.title=1"> & "Foyer"';

/**
 * Many screens as rows, without anybody behind them: most are well, some are each of the other ways. For them to stay so,
 * the grace must be longer than the test.
 */
export async function seedScreens(fleet: Fleet, count: number): Promise<void> {
  const { asOwner } = fleet.database;
  await asOwner(
    `INSERT INTO clients (uuid, hostname, "group", ip, app_version, model, os_version)
     SELECT gen_random_uuid(), ($2::text[])[1 + n % 8] || '-' || lpad(n::text, 4, '0'), ($3::text[])[1 + n % 4],
       '192.0.2.' || (n % 250), '4.' || (n % 3) || '.1', 'Infoscreen Pi', 'Debian 12'
     FROM generate_series(1, $1) AS n`,
    [count, PLACES, GROUPS],
  );
  await asOwner(
    `UPDATE client_states SET
       last_alive = CASE WHEN kind = 1 THEN now() - interval '3 days' ELSE now() - make_interval(secs => kind) END,
       last_message_at = CASE WHEN kind = 1 THEN now() - interval '3 days' ELSE now() END,
       presence_online = kind <> 1, presence_at = now() - interval '3 hours',
       process_status = CASE WHEN kind = 2 THEN 'crashed' ELSE 'running' END, process_name = 'player', process_pid = 812,
       mqtt_reconnect_count = kind, mqtt_last_disconnect_at = now() - interval '7 hours',
       cpu_percent = CASE WHEN kind = 3 THEN 99 ELSE 20 END, memory_percent = 41, disk_percent = 60, temperature_c = 52
     FROM (SELECT uuid, (row_number() OVER (ORDER BY hostname) % 40)::int AS kind FROM clients) AS numbered
     WHERE client_uuid = uuid AND kind <> 4 AND last_alive IS NULL`,
  );
}

/** A week of health for one screen, with a night in which it was off. */
export async function seedHealth(fleet: Fleet, uuid: string): Promise<void> {
  await fleet.database.asOwner(
    `INSERT INTO health_samples
       (client_uuid, received_at, process_status, cpu_percent, memory_percent, disk_percent, temperature_c, mqtt_reconnect_count)
     SELECT $1, at, 'running', 25 + 18 * sin(extract(epoch FROM at) / 7000) + 6 * random(),
       45 + 9 * sin(extract(epoch FROM at) / 30000), 61, 51 + 7 * sin(extract(epoch FROM at) / 20000) + random(),
       (extract(epoch FROM at - now() + interval '7 days') / 30000)::int
     FROM generate_series(now() - interval '7 days', now() - interval '5 minutes', interval '5 minutes') AS at
     WHERE at NOT BETWEEN now() - interval '14 hours' AND now() - interval '9 hours'`,
    [uuid],
  );
}

export async function seedFailure(
  fleet: Fleet,
  failure: { readonly uuid: string; readonly unit: string; readonly minutesAgo: number },
): Promise<void> {
  await fleet.database.asOwner(
    `INSERT INTO service_failures (client_uuid, unit, failed_at, reason, restarts)
     VALUES ($1, $2, now() - make_interval(mins => $3), 'exit-code', 5)`,
    [failure.uuid, failure.unit, failure.minutesAgo],
  );
}

/** What recovery does about the crashed screens: on some it has tried, on one it has given up. */
export async function seedRecoveries(fleet: Fleet): Promise<void> {
  await fleet.database.asOwner(
    `INSERT INTO crash_recoveries (client_uuid, attempts, step, next_at, exhausted_at)
     SELECT uuid, attempts, (ARRAY['restart_app', 'reboot_host', 'exhausted'])[attempts],
       CASE WHEN attempts < 3 THEN now() + make_interval(mins => 3 * attempts) END,
       CASE WHEN attempts = 3 THEN now() - interval '4 minutes' END
     FROM (SELECT uuid, (row_number() OVER (ORDER BY hostname))::int AS attempts
       FROM clients JOIN client_states ON client_uuid = uuid WHERE process_status = 'crashed') AS crashed
     WHERE attempts <= 3`,
  );
}

/** As if a screen that has just been started had run for days; what it measured since is forgotten. */
export async function seedPast(fleet: Fleet, uuid: string): Promise<void> {
  const { asOwner } = fleet.database;
  await asOwner(`UPDATE clients SET "group" = 'Gymnasium Mitte', model = 'Infoscreen Pi' WHERE uuid = $1`, [
    uuid,
  ]);
  await asOwner(
    `UPDATE client_states SET uptime_seconds = 518400, mqtt_reconnect_count = 20,
       mqtt_last_disconnect_at = now() - interval '5 hours' WHERE client_uuid = $1`,
    [uuid],
  );
  await asOwner(`UPDATE client_boots SET first_seen_at = now() - interval '6 days' WHERE client_uuid = $1`, [
    uuid,
  ]);
  await asOwner(
    `DELETE FROM health_samples WHERE client_uuid = $1 AND received_at > now() - interval '4 minutes'`,
    [uuid],
  );
}
