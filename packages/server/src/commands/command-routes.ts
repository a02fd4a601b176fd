import { cancelCommand, commandEventView, commandView, findCommand } from '@infoscreen/commands';
import {
  type CommandAction,
  clientPathSchema,
  commandAnswerSchema,
  commandDetailAnswerSchema,
  commandPathSchema,
  issueCommandBodySchema,
} from '@infoscreen/shared-types';
import { defineRoute, type Route } from '../http/define-route.ts';
import { ProblemError } from '../http/problem-error.ts';
import { bulkRoute } from './bulk-route.ts';
import { historyRoutes } from './history-routes.ts';
import { type CommandDeps, issuedNote, sendCommand } from './send-command.ts';

const tag = 'commands';

export function commandRoutes(deps: CommandDeps): Route[] {
  return [
    issueRoute(deps, 'restart', {
      action: 'reboot_host',
      operationId: 'restartClient',
      summary: 'Reboot the screen',
    }),
    issueRoute(deps, 'shutdown', {
      action: 'shutdown_host',
      operationId: 'shutDownClient',
      summary: 'Power the screen off',
    }),
    issueRoute(deps, 'restart_app', {
      action: 'restart_app',
      operationId: 'restartApp',
      summary: "Restart the screen's player",
    }),
    bulkRoute(deps),
    readRoute(deps),
    ...historyRoutes(deps),
    cancelRoute(deps),
  ];
}

interface Issue {
  readonly action: CommandAction;
  readonly operationId: string;
  readonly summary: string;
}

function issueRoute(deps: CommandDeps, segment: string, { action, operationId, summary }: Issue): Route {
  return defineRoute({
    method: 'post',
    path: `/api/clients/{uuid}/${segment}`,
    operationId,
    summary: `${summary}; answers when the broker took the command, or after 2 s`,
    tag,
    role: 'admin',
    request: { params: clientPathSchema, body: issueCommandBodySchema },
    responses: { 202: commandAnswerSchema },
    problems: ['client_not_found', 'safety_lockout'],
    recordsItself: true,
    handler: async ({ params, body, context }) => {
      const result = await sendCommand(deps, {
        clientUuid: params.uuid,
        action,
        reason: body.reason,
        context,
      });
      if (!('command' in result)) throw new ProblemError('client_not_found');
      const command = commandView(result.command);
      if (command.errorCode === 'safety_lockout') {
        const retryAfterSeconds =
          'retryAfterSeconds' in result ? result.retryAfterSeconds : deps.settings.lockoutWindowSeconds;
        throw new ProblemError('safety_lockout', { members: { command }, retryAfterSeconds });
      }
      return { status: 202, body: { command }, audit: issuedNote(command) };
    },
  });
}

function readRoute({ pool }: CommandDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/clients/commands/{command_id}',
    operationId: 'readCommand',
    summary: 'One command with its timeline',
    tag,
    role: 'viewer',
    request: { params: commandPathSchema },
    responses: { 200: commandDetailAnswerSchema },
    problems: ['command_not_found'],
    handler: async ({ params }) => {
      const found = await findCommand(pool, params.command_id);
      if (found === null) throw new ProblemError('command_not_found');
      const timeline = found.timeline.map(commandEventView);
      return { status: 200, body: { command: { ...commandView(found.command), timeline } } };
    },
  });
}

function cancelRoute({ pool }: CommandDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/clients/commands/{command_id}/cancel',
    operationId: 'cancelCommand',
    summary: 'Cancel a command that is still queued',
    tag,
    role: 'admin',
    request: { params: commandPathSchema },
    responses: { 200: commandAnswerSchema },
    problems: ['command_not_found', 'command_not_cancellable'],
    handler: async ({ params, context }) => {
      const cancelledBy = context.user.username;
      const result = await cancelCommand(pool, { commandId: params.command_id, cancelledBy });
      if (result.outcome === 'not_found') throw new ProblemError('command_not_found');
      const command = commandView(result.command);
      if (result.outcome === 'not_cancellable') {
        throw new ProblemError('command_not_cancellable', {
          detail: `It is ${command.status}.`,
          members: { command },
        });
      }
      return { status: 200, body: { command }, audit: { detail: { client_uuid: command.clientUuid } } };
    },
  });
}
