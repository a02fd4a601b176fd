import { deviceTopic } from '@infoscreen/shared-types';
import { connectMqtt, type MqttConnection } from '@infoscreen/test-kit';

export interface SentAck {
  readonly commandId: string;
  /** As the event of the timeline is called that it makes. */
  readonly toStatus: 'ack_received' | 'completed';
  readonly atMs: number;
}

/** A well-behaved screen that notes when it said what; times are those of the machine's clock, which the database shares. */
export class QuietScreen {
  readonly uuid: string;
  readonly acks: SentAck[] = [];
  /** When heartbeats were sent that haven't been seen yet. */
  readonly unseenHeartbeats: number[] = [];
  heartbeats = 0;
  readonly #connection: MqttConnection;

  private constructor(uuid: string, connection: MqttConnection) {
    this.uuid = uuid;
    this.#connection = connection;
    connection.client.on('message', (topic, payload) => {
      if (topic.endsWith('/commands')) void this.#obey(payload.toString());
    });
  }

  static async start(
    broker: { readonly host: string; readonly port: number },
    account: { readonly uuid: string; readonly password: string },
  ): Promise<QuietScreen> {
    const { uuid, password } = account;
    const connection = await connectMqtt({ ...broker, clientId: uuid, username: uuid, password });
    const screen = new QuietScreen(uuid, connection);
    await connection.subscribe(`infoscreen/${uuid}/commands`);
    await connection.publish(deviceTopic(uuid, 'heartbeat'), { boot_id: 'boot-1' });
    return screen;
  }

  /** Resolves when it is on its way, and doesn't wait for the broker: a screen doesn't either. */
  beat(): void {
    this.heartbeats += 1;
    this.unseenHeartbeats.push(Date.now());
    void this.#say('heartbeat', { boot_id: 'boot-1' }).catch(() => {});
  }

  stop(): Promise<void> {
    return this.#connection.end();
  }

  async #obey(text: string): Promise<void> {
    const { command_id: commandId } = JSON.parse(text) as { command_id: string };
    // It runs a command once, however often it comes.
    if (this.acks.some((ack) => ack.commandId === commandId)) return;
    this.acks.push({ commandId, toStatus: 'ack_received', atMs: Date.now() });
    await this.#say('command_ack', { command_id: commandId, status: 'accepted' });
    this.acks.push({ commandId, toStatus: 'completed', atMs: Date.now() });
    await this.#say('command_ack', { command_id: commandId, status: 'completed' });
  }

  #say(kind: 'heartbeat' | 'command_ack', payload: unknown): Promise<void> {
    return this.#connection.publish(deviceTopic(this.uuid, kind), payload);
  }
}
