import { BULK_OUTCOMES, bulkCommandAnswerSchema, bulkCommandBodySchema } from '@infoscreen/shared-types';
import { type AuditNote, defineRoute, type Route } from '../http/define-route.ts';
import { type BulkRequest, sendBulk } from './send-bulk.ts';
import type { CommandDeps } from './send-command.ts';

/** Of 500 clients the audit log needn't name all: each command says who asked for it, and why. */
const AUDITED_CLIENTS = 50;

export function bulkRoute(deps: CommandDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/commands/bulk',
    operationId: 'sendBulkCommand',
    summary:
      'The same command to many screens, with a result for each; answers when the broker took them, or after 2 s',
    tag: 'commands',
    role: 'admin',
    request: { body: bulkCommandBodySchema },
    responses: { 200: bulkCommandAnswerSchema },
    problems: [],
    handler: async ({ body, context }) => {
      const items = await sendBulk(deps, { ...body, context });
      return { status: 200, body: { items }, audit: auditNote(body, items) };
    },
  });
}

function auditNote(
  { action, reason, client_uuids }: Omit<BulkRequest, 'context'>,
  items: Awaited<ReturnType<typeof sendBulk>>,
): AuditNote {
  const counts = BULK_OUTCOMES.map((outcome) => [
    outcome,
    items.filter((item) => item.outcome === outcome).length,
  ]);
  return {
    target: `${client_uuids.length} clients`,
    detail: {
      action,
      ...(reason === undefined ? {} : { reason }),
      clients: client_uuids.length,
      ...Object.fromEntries(counts),
      client_uuids: client_uuids.slice(0, AUDITED_CLIENTS),
    },
  };
}
