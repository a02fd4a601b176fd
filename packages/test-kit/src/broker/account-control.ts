import { randomUUID } from 'node:crypto';
import { CONTROL_REQUEST_TOPIC, CONTROL_RESPONSE_TOPIC } from '@infoscreen/shared-types';
import { connectMqtt, type MqttConnection, type MqttConnectionOptions } from './mqtt-client.ts';

export interface ControlResponse {
  readonly command: string;
  readonly error?: string;
  readonly data?: unknown;
  readonly correlationData?: string;
}

/** The broker's account commands, as its admin gives them. */
export interface AccountControl {
  readonly connection: MqttConnection;
  /** Answers of one control message, in the order of its commands; errors are answers. */
  readonly ask: (commands: readonly Record<string, unknown>[]) => Promise<readonly ControlResponse[]>;
  /** As `ask`. @throws when a command is answered with an error */
  readonly run: (...commands: readonly Record<string, unknown>[]) => Promise<readonly ControlResponse[]>;
  readonly end: () => Promise<void>;
}

export async function connectAccountControl(
  admin: Pick<MqttConnectionOptions, 'port' | 'username' | 'password' | 'tls'>,
): Promise<AccountControl> {
  const connection = await connectMqtt({ ...admin, clientId: `admin-${randomUUID()}` });
  if ((await connection.subscribe(CONTROL_RESPONSE_TOPIC)) === 128)
    throw new Error('This account may not write accounts.');
  const ask: AccountControl['ask'] = async (commands) => {
    const correlationData = randomUUID();
    const tagged = commands.map((command) => ({ ...command, correlationData }));
    await connection.publish(CONTROL_REQUEST_TOPIC, { commands: tagged });
    const answer = await connection.waitFor(
      ({ json }) => responsesOf(json)[0]?.correlationData === correlationData,
    );
    return responsesOf(answer.json);
  };
  const run: AccountControl['run'] = async (...commands) => {
    const responses = await ask(commands);
    const failed = responses.filter(({ error }) => error !== undefined);
    if (failed.length > 0)
      throw new Error(failed.map(({ command, error }) => `${command}: ${error}`).join('; '));
    return responses;
  };
  return { connection, ask, run, end: () => connection.end() };
}

function responsesOf(json: unknown): readonly ControlResponse[] {
  return (json as { responses?: readonly ControlResponse[] } | undefined)?.responses ?? [];
}
