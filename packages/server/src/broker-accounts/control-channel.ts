import {
  type BrokerAddress,
  type BrokerLogin,
  createMqttConnection,
  type Logger,
  type Metrics,
  type MqttStatus,
  type ReceivedMessage,
} from '@infoscreen/service-kit';
import { CONTROL_REQUEST_TOPIC, CONTROL_RESPONSE_TOPIC } from '@infoscreen/shared-types';
import { z } from 'zod';

/** The broker rewrites its account file for each command; many of them take their time. */
const ANSWER_TIMEOUT_MS = 30_000;

export interface ControlCommand extends Readonly<Record<string, unknown>> {
  readonly command: string;
}
export type ControlResponse = z.output<typeof responseSchema>;

const responseSchema = z.object({
  command: z.string().optional(),
  error: z.string().optional(),
  data: z.unknown().optional(),
  correlationData: z.string().optional(),
});
const answerSchema = z.object({ responses: z.array(responseSchema) });

/** The broker's account commands (Mosquitto's dynamic-security protocol). */
export interface ControlChannel {
  /**
   * Sends the commands in one message. An error that the broker answers is a response, not an exception.
   * @returns the responses in the order of the commands
   * @throws when the broker is away, the connection is lost or no answer comes within 30 s
   */
  ask(commands: readonly ControlCommand[]): Promise<readonly ControlResponse[]>;
}

export interface ControlConnection extends ControlChannel {
  readonly connected: boolean;
  start(): void;
  stop(): Promise<void>;
}

export interface ControlConnectionOptions extends BrokerAddress, BrokerLogin {
  readonly instance: string;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly onConnected: () => void;
}

interface Waiting {
  resolve(responses: readonly ControlResponse[]): void;
  reject(error: Error): void;
}

/** A connection of its own, as the one account that may write accounts. */
export function createControlConnection(options: ControlConnectionOptions): ControlConnection {
  const { instance, logger, onConnected, ...account } = options;
  const waiting = new Map<string, Waiting>();
  let sent = 0;

  const receive = ({ payload }: ReceivedMessage) => {
    const responses = parseAnswer(payload);
    // Every replica's answers come on the same topic.
    waiting.get(responses[0]?.correlationData ?? '')?.resolve(responses);
  };
  const changed = ({ connected }: MqttStatus) => {
    if (connected) onConnected();
    else
      for (const request of waiting.values())
        request.reject(new Error('the connection to the broker was lost'));
  };
  const connection = createMqttConnection({
    ...account,
    clientId: `infoscreen-accounts-${instance}`,
    clean: true,
    name: 'accounts',
    logger: logger.child({ connection: 'accounts' }),
    subscriptions: [{ filter: CONTROL_RESPONSE_TOPIC, qos: 1 }],
    onMessage: (message) => {
      receive(message);
      message.acknowledge();
    },
    onStatus: changed,
  });

  const ask = async (commands: readonly ControlCommand[]) => {
    sent += 1;
    const correlationData = `${instance}-${sent}`;
    const tagged = commands.map((command) => ({ ...command, correlationData }));
    const answer = withinTime(waiting, correlationData);
    // Both are awaited together: an answer that fails while the publish is pending is no unhandled rejection.
    const [responses] = await Promise.all([
      answer,
      connection.publish(
        CONTROL_REQUEST_TOPIC,
        JSON.stringify({ commands: tagged }),
        { qos: 1 },
        ANSWER_TIMEOUT_MS,
      ),
    ]).finally(() => waiting.get(correlationData)?.reject(new Error('nobody waits for the answer any more')));
    if (responses.length !== commands.length)
      throw new Error('the broker did not answer every account command');
    return responses;
  };
  return {
    ask,
    get connected() {
      return connection.connected;
    },
    start: () => connection.start(),
    stop: () => connection.stop(),
  };
}

function withinTime(waiting: Map<string, Waiting>, key: string): Promise<readonly ControlResponse[]> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      waiting.delete(key);
    };
    const timer = setTimeout(
      () =>
        waiting
          .get(key)
          ?.reject(
            new Error('the broker did not answer the account commands: may this account write accounts?'),
          ),
      ANSWER_TIMEOUT_MS,
    );
    waiting.set(key, {
      resolve: (responses) => {
        end();
        resolve(responses);
      },
      reject: (error) => {
        end();
        reject(error);
      },
    });
  });
}

function parseAnswer(payload: Uint8Array): readonly ControlResponse[] {
  try {
    return answerSchema.parse(JSON.parse(new TextDecoder().decode(payload))).responses;
  } catch {
    return [];
  }
}
