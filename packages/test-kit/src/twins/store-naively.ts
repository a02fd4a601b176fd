import { acknowledgeCommand, type LifecycleSettings, observeBoot } from '@infoscreen/commands';
import { type InboundMessage, parseInboundMessage } from '@infoscreen/shared-types';
import type pg from 'pg';

/** Stores what a screen sent, as simply as it can be done. Storing it again changes nothing more. @throws when the database can't */
export async function storeNaively(
  pool: pg.Pool,
  lifecycle: LifecycleSettings,
  { topic, payload }: { readonly topic: string; readonly payload: Uint8Array },
): Promise<void> {
  const parsed = parseInboundMessage(topic, payload);
  if (parsed.ok !== true || parsed.message.kind === 'canary') return;
  const { message } = parsed;
  await pool.query(MAKE_CLIENT_SQL, [message.clientUuid]);
  await pool.query(TOUCH_SQL, [
    message.clientUuid,
    message.kind === 'heartbeat' || message.kind === 'health',
  ]);
  const bootId = 'boot_id' in message.payload ? message.payload.boot_id : undefined;
  if (bootId) await observeBoot({ pool }, { clientUuid: message.clientUuid, bootId });
  await storeByKind(pool, lifecycle, message);
}

async function storeByKind(
  pool: pg.Pool,
  lifecycle: LifecycleSettings,
  message: Exclude<InboundMessage, { kind: 'canary' }>,
): Promise<void> {
  const { clientUuid, kind, payload } = message;
  switch (kind) {
    case 'command_ack':
    case 'command_ack_legacy':
      await acknowledgeCommand(
        pool,
        {
          clientUuid,
          commandId: payload.command_id,
          status: payload.status,
          errorCode: payload.error_code ?? null,
          errorMessage: payload.error_message ?? null,
          deviceTime: null,
          via: 'ack',
        },
        lifecycle,
      );
      return;
    case 'service_failed':
      await pool.query(FAILURE_SQL, [clientUuid, payload.unit, payload.failed_at ?? null]);
      return;
    case 'presence':
      await pool.query(PRESENCE_SQL, [clientUuid, payload.online, payload.session_id ?? null]);
      return;
    case 'heartbeat':
    case 'health':
      await pool.query(PROCESS_SQL, [clientUuid, payload.process_status ?? null]);
      return;
    case 'discovery':
    case 'discovery_alias':
      return;
    default:
      return kind satisfies never;
  }
}

const MAKE_CLIENT_SQL = `INSERT INTO clients (uuid) VALUES ($1) ON CONFLICT DO NOTHING`;

const TOUCH_SQL = `
  UPDATE client_states SET last_message_at = clock_timestamp(), last_alive = CASE WHEN $2 THEN clock_timestamp() ELSE last_alive END
  WHERE client_uuid = $1`;

const FAILURE_SQL = `
  INSERT INTO service_failures (client_uuid, unit, failed_at, reported_at)
  VALUES ($1, $2, coalesce($3::timestamptz(3), clock_timestamp()), clock_timestamp()) ON CONFLICT DO NOTHING`;

const PRESENCE_SQL = `
  UPDATE client_states SET presence_online = $2, presence_session_id = $3, presence_at = clock_timestamp() WHERE client_uuid = $1`;

const PROCESS_SQL = `
  UPDATE client_states SET process_status = coalesce($2, process_status) WHERE client_uuid = $1`;
