const CLIENT = (number: string) => `md5('client ' || ${number})::uuid`;
const COMMAND = (number: string) => `md5('command ' || ${number})::uuid`;
const USER = (number: string) => `md5('user ' || ${number})::uuid`;
const SECONDS_AGO = (seconds: string) => `now() - make_interval(secs => ${seconds})`;
const HEX_64 = (seed: string) => `encode(sha256((${seed})::text::bytea), 'hex')`;

/** How many rows there are of each client, on average. */
const COMMANDS_PER_CLIENT = 2;
const SAMPLES_PER_CLIENT = 3;
const CLEARED_FAILURES_PER_CLIENT = 0.5;
const PEOPLE = 10_000;
const YEAR_SECONDS = 365 * 24 * 3600;

/**
 * What fills a database, in an order in which nothing refers to what isn't there. Nearly all screens are well, nearly all
 * commands have ended, and few failures are open: as in a real fleet, and so that an index on the exception is worth it.
 */
export function largeFleetStatements(clients: number): readonly string[] {
  return [
    ...clientStatements(clients),
    ...commandStatements(clients),
    ...historyStatements(clients),
    ...peopleStatements(),
  ];
}

function clientStatements(clients: number): readonly string[] {
  const each = `FROM generate_series(1, ${clients}) n`;
  return [
    `INSERT INTO clients (uuid, hostname, description, "group", ip, model, os_version, app_version, pending, created_at, deleted_at, deleted_by)
     SELECT ${CLIENT('n')}, 'screen-' || lpad(n::text, 6, '0'), 'Screen of room ' || n, 'site-' || n % 500,
       '10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256, 'model-' || n % 7, 'os 12.' || n % 5, '2.' || n % 10 || '.0',
       n % 1000 = 7, ${SECONDS_AGO('n * 60')}, CASE WHEN n % 200 = 0 THEN now() END, CASE WHEN n % 200 = 0 THEN 'admin' END ${each}`,
    `INSERT INTO client_states (client_uuid, last_alive, last_message_at, process_status, process_name, process_pid, boot_id,
       uptime_seconds, clock_offset_ms, mqtt_reconnect_count, mqtt_last_disconnect_at, presence_online, presence_session_id,
       presence_at, last_health_at, cpu_percent, memory_percent, disk_percent, temperature_c)
     SELECT ${CLIENT('n')}, seen, seen, CASE WHEN n % 2000 = 3 THEN 'crashed' ELSE 'running' END, 'infoscreen-player', 1000 + n % 3000,
       'boot-' || n, n % 86400, n % 100, n % 40, ${SECONDS_AGO('n % 86400')}, n % 300 <> 11, 'session-' || n, seen, seen,
       n % 90, 20 + n % 60, 30 + n % 50, 40 + n % 30
     FROM (SELECT n, ${SECONDS_AGO('CASE WHEN n % 100 = 9 THEN 4000 + n ELSE n % 25 END')} AS seen ${each}) s`,
    `INSERT INTO told_statuses (client_uuid, status) SELECT ${CLIENT('n')},
       CASE WHEN n % 100 = 9 OR n % 300 = 11 THEN 'unreachable' WHEN n % 2000 = 3 THEN 'crashed' ELSE 'healthy' END ${each}`,
    `INSERT INTO crash_recoveries (client_uuid, attempts, step, next_at, exhausted_at)
     SELECT ${CLIENT('n')}, 1 + n % 4, CASE WHEN n % 3 = 0 THEN 'exhausted' ELSE 'restart_app' END, now(),
       CASE WHEN n % 3 = 0 THEN now() END ${each} WHERE n % 400 = 3`,
    `INSERT INTO broker_accounts (client_uuid, password_sealed, version, desired, applied_version, applied_at)
     SELECT ${CLIENT('n')}, md5('sealed ' || n) || md5('more ' || n), 1, 'present', CASE WHEN n % 20000 = 5 THEN NULL ELSE 1 END, now() ${each}`,
    `INSERT INTO client_boots (client_uuid, boot_id, first_seen_at, command_id)
     SELECT ${CLIENT('n')}, CASE b WHEN 0 THEN 'boot-' || n ELSE 'boot-' || n || '-' || b END, ${SECONDS_AGO('b * 86400 * 30 + n')},
       CASE WHEN b = 0 AND n % 10 = 1 THEN ${COMMAND('n')} END ${each}, generate_series(0, 1) b`,
  ];
}

function commandStatements(clients: number): readonly string[] {
  const commands = clients * COMMANDS_PER_CLIENT;
  const firstOpen = commands - Math.round(clients / 500);
  return [
    `INSERT INTO client_commands (command_id, client_uuid, action, status, reason, requested_by, requested_by_user_id, counts_for_lockout,
       idempotency_key, boot_id, created_at, expires_at, result_due_at, publish_attempt, publish_count, lease_until, next_publish_at,
       published_at, ack_received_at, execution_started_at, finished_at, effect_observed)
     SELECT ${COMMAND('n')}, ${CLIENT(`(1 + (n - 1) % ${clients})`)}, action, status, 'because', 'user-' || n % 300,
       ${USER('(n % 300)')}, true, CASE WHEN n % 5 = 0 THEN 'key-' || n END, 'boot-' || n, at, at + interval '4 minutes',
       at + interval '9 minutes', 1, 1, at + interval '15 seconds',
       CASE WHEN status IN ('queued', 'publish_in_progress', 'published') THEN at + interval '5 seconds' END, at, at, at,
       CASE WHEN status IN ('completed', 'failed', 'expired') THEN at + interval '1 minute' END,
       CASE WHEN action = 'restart_app' THEN NULL ELSE true END
     FROM (SELECT n, (ARRAY['reboot_host', 'restart_app', 'restart_app', 'shutdown_host'])[1 + n % 4] AS action,
       CASE WHEN n > ${firstOpen} THEN (ARRAY['queued', 'publish_in_progress', 'published', 'ack_received', 'execution_started'])[1 + n % 5]
         ELSE (ARRAY['completed', 'completed', 'completed', 'failed', 'expired'])[1 + n % 5] END AS status,
       CASE WHEN n > ${firstOpen} THEN ${SECONDS_AGO('n % 200')}
         ELSE ${SECONDS_AGO(`900 + ${YEAR_SECONDS}.0 * (${commands} - n) / ${commands}`)} END AS at
       FROM generate_series(1, ${commands}) n) k`,
    `INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, server_time)
     SELECT ${COMMAND('n')}, 'transition', CASE step WHEN 1 THEN 'queued' END,
       CASE step WHEN 0 THEN 'queued' ELSE 'completed' END, 'api', 'server-1',
       ${SECONDS_AGO(`${YEAR_SECONDS}.0 * (${commands} - n) / ${commands}`)}
     FROM generate_series(1, ${commands}) n, generate_series(0, 1) step`,
  ];
}

function historyStatements(clients: number): readonly string[] {
  const samples = clients * SAMPLES_PER_CLIENT;
  return [
    `INSERT INTO health_samples (client_uuid, received_at, process_status, cpu_percent, memory_percent, disk_percent, temperature_c, mqtt_reconnect_count)
     SELECT ${CLIENT(`(1 + n % ${clients})`)}, ${SECONDS_AGO(`(${samples} - n) * 2500000.0 / ${samples}`)}, 'running', n % 90, n % 80, n % 70, 45, n % 40
     FROM generate_series(1, ${samples}) n`,
    `INSERT INTO service_failures (client_uuid, unit, failed_at, reported_at, reason, restarts, cleared_at, cleared_by)
     SELECT ${CLIENT(`(1 + n % ${clients})`)}, 'unit-' || n % 5 || '.service', at, at, 'exit-code', n % 9,
       CASE WHEN n % 100 <> 0 THEN at + interval '1 hour' END, CASE WHEN n % 100 <> 0 THEN 'admin' END
     FROM (SELECT n, ${SECONDS_AGO(`n * ${YEAR_SECONDS}.0 / ${clients * CLEARED_FAILURES_PER_CLIENT}`)} AS at
       FROM generate_series(1, ${clients * CLEARED_FAILURES_PER_CLIENT}) n) f`,
    `INSERT INTO change_log (kind, client_uuid, command_id, at)
     SELECT CASE WHEN n % 2 = 0 THEN 'client' ELSE 'command' END, ${CLIENT(`(1 + n % ${clients})`)},
       CASE WHEN n % 2 = 1 THEN ${COMMAND('n')} END, ${SECONDS_AGO(`(${clients / 2} - n) * 3500.0 / ${clients / 2}`)}
     FROM generate_series(1, ${clients / 2}) n`,
    `INSERT INTO rejected_messages (received_at, topic, client_uuid, reason, payload_bytes, payload_head)
     SELECT ${SECONDS_AGO(`(${clients / 2} - n) * 20`)}, 'infoscreen/x/health', ${CLIENT('n')}, 'invalid_json', 10, 'payload'
     FROM generate_series(1, ${clients / 2}) n`,
    `INSERT INTO audit_log (at, last_at, actor, actor_user_id, action, target, outcome, status_code, error_code, ip, request_id, refusal_key)
     SELECT at, at, 'user-' || n % 300, ${USER('(n % 300)')}, (ARRAY['restartApp', 'rebootHost', 'logIn', 'createClient'])[1 + n % 4],
       ${CLIENT(`(1 + n % ${clients})`)}::text, CASE WHEN n % 9 = 0 THEN 'refused' ELSE 'success' END, CASE WHEN n % 9 = 0 THEN 403 ELSE 200 END,
       CASE WHEN n % 9 = 0 THEN 'forbidden' END, '10.0.0.' || n % 250, 'request-' || n, CASE WHEN n % 9 = 0 THEN ${HEX_64('n')} END
     FROM (SELECT n, ${SECONDS_AGO(`(${clients * 2} - n) * ${YEAR_SECONDS}.0 / ${clients * 2}`)} AS at FROM generate_series(1, ${clients * 2}) n) a`,
    `INSERT INTO audit_pending (request_id, started_at, action) SELECT 'pending-' || n, now(), 'logIn' FROM generate_series(1, 10) n`,
  ];
}

function peopleStatements(): readonly string[] {
  const each = `FROM generate_series(1, ${PEOPLE}) n`;
  return [
    `INSERT INTO users (id, username, password_hash, role, created_at)
     SELECT ${USER('n')}, 'user-' || n, repeat('x', 60), (ARRAY['viewer', 'viewer', 'admin'])[1 + n % 3], ${SECONDS_AGO('n * 1000')} ${each}`,
    `INSERT INTO user_sessions (sid, sess, expire, last_used_at)
     SELECT ${HEX_64("'session ' || n")}, json_build_object('cookie', json_build_object('originalMaxAge', NULL), 'login', json_build_object(
         'userId', ${USER('n')}, 'sessionEpoch', 0, 'loggedInAt', 1, 'ip', '10.0.0.1', 'userAgent', 'a browser')),
       now() + make_interval(secs => n), now() ${each}`,
    `INSERT INTO api_tokens (user_id, name, role, token_hash, created_at, expires_at)
     SELECT ${USER('n')}, 'token ' || n, 'viewer', ${HEX_64("'token ' || n")}, now(), now() + make_interval(days => 1 + n % 300) ${each}`,
    `INSERT INTO known_login_addresses (user_id, address, last_login_at) SELECT ${USER('n')}, '10.0.0.' || n % 250, ${SECONDS_AGO('n * 100')} ${each}`,
    `INSERT INTO rate_limits (key, points, expire) SELECT 'login:' || n, 1, (extract(epoch FROM now()) * 1000)::bigint + n * 1000 ${each}`,
    `INSERT INTO idempotency_keys (user_id, key, request_hash, response_status, created_at)
     SELECT ${USER('n')}, 'key-' || n, md5(n::text), 200, ${SECONDS_AGO('n')} ${each}`,
    `INSERT INTO enrolment_tokens (token_hash, max_uses, created_at, created_by, expires_at)
     SELECT ${HEX_64("'enrolment ' || n")}, 5, ${SECONDS_AGO('n')}, 'admin', now() + make_interval(days => 1 + n % 300) ${each}`,
  ];
}
