import { jsonArray, jsonObject, jsonPlain, jsonText, jsonTime, jsonWord } from '@infoscreen/prisma';
import type { CommandView } from '@infoscreen/shared-types';

/** `commandView` in SQL, of a row `k` of `client_commands`; a test holds the two equal. */
const COMMAND_JSON = jsonObject({
  commandId: jsonWord('k.command_id'),
  clientUuid: jsonWord('k.client_uuid'),
  action: jsonWord('k.action'),
  status: jsonWord('k.status'),
  reason: jsonText('k.reason'),
  requestedBy: jsonText('k.requested_by'),
  bootId: jsonText('k.boot_id'),
  errorCode: jsonText('k.error_code'),
  errorMessage: jsonText('k.error_message'),
  createdAt: jsonTime('k.created_at'),
  expiresAt: jsonTime('k.expires_at'),
  resultDueAt: jsonTime('k.result_due_at'),
  publishedAt: jsonTime('k.published_at'),
  publishCount: jsonPlain('k.publish_count'),
  ackReceivedAt: jsonTime('k.ack_received_at'),
  executionStartedAt: jsonTime('k.execution_started_at'),
  completedAt: jsonTime(`CASE WHEN k.status = 'completed' THEN k.finished_at END`),
  finishedAt: jsonTime('k.finished_at'),
  effectObserved: jsonPlain('k.effect_observed'),
  effectObservedAt: jsonTime('k.effect_observed_at'),
  effectBootId: jsonText('k.effect_boot_id'),
  lateOutcome: jsonWord('k.late_outcome'),
  lateOutcomeAt: jsonTime('k.late_outcome_at'),
} satisfies Record<keyof CommandView, string>);

/** SQL of the JSON array of a client's newest commands. @param clientSql its UUID @param limit of the code, not of a caller */
export function recentCommandsJsonSql(clientSql: string, limit: number): string {
  return `(SELECT ${jsonArray(COMMAND_JSON, 'k.created_at DESC, k.command_id DESC')} FROM (
    SELECT * FROM client_commands WHERE client_uuid = ${clientSql} ORDER BY created_at DESC, command_id DESC LIMIT ${limit}) k)`;
}
