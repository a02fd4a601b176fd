import type { LinkOptions, OutgoingMessage } from '@infoscreen/device-agent';
import { type BrokerLink, connectBroker } from '@infoscreen/device-agent';
import { type AckStatus, parseInboundMessage } from '@infoscreen/shared-types';
import type { BootRecord, SaidRecord, ScreenRecords, TakenAcks, TakenFailure } from '../books/records.ts';

/** What all screens of this process said, and what the broker took of it. */
export class ScreenNotebook {
  acksTaken = 0;
  readonly #said = new Map<string, SaidRecord>();
  readonly #acks = new Map<string, TakenAcks & { readonly takenAt: number[] }>();
  readonly #failures: Omit<TakenFailure, 'isOpen'>[] = [];
  readonly #boots: BootRecord[] = [];

  get failuresTaken(): number {
    return this.#failures.length;
  }

  /** Opens a link as an agent does, and notes what goes over it. */
  readonly connect = async (options: LinkOptions): Promise<BrokerLink> => {
    const link = await connectBroker(options);
    return {
      closed: link.closed,
      subscribe: (topics) => link.subscribe(topics),
      close: () => link.close(),
      cut: () => link.cut(),
      publish: async (message) => {
        this.#noteSaid(message);
        await link.publish(message);
        if (message.qos === 1) this.#noteTaken(message);
      },
    };
  };

  noteBoot(clientUuid: string, bootId: string): void {
    this.#boots.push({ clientUuid, bootId, at: Date.now() });
  }

  /** @param openFailures of every screen: `client unit failedAt` */
  records(executions: ScreenRecords['executions'], openFailures: ReadonlySet<string>): ScreenRecords {
    return {
      executions,
      boots: this.#boots,
      said: [...this.#said.values()],
      acks: [...this.#acks.values()],
      failures: this.#failures.map((failure) => ({
        ...failure,
        isOpen: openFailures.has(`${failure.clientUuid} ${failure.unit} ${failure.failedAt}`),
      })),
    };
  }

  #noteSaid(message: OutgoingMessage): void {
    const heard = read(message);
    if (heard?.kind === 'command_ack') this.#say(heard.payload.command_id, heard.payload.status);
    if (heard?.kind === 'heartbeat')
      for (const result of heard.payload.recent_results ?? []) this.#say(result.command_id, result.status);
  }

  #say(commandId: string, status: AckStatus): void {
    const key = `${commandId} ${status}`;
    if (!this.#said.has(key)) this.#said.set(key, { commandId, status, at: Date.now() });
  }

  #noteTaken(message: OutgoingMessage): void {
    const heard = read(message);
    const at = Date.now();
    if (heard?.kind === 'command_ack') {
      const { command_id: commandId, status } = heard.payload;
      const key = `${heard.clientUuid} ${commandId} ${status}`;
      const known = this.#acks.get(key);
      if (known === undefined)
        this.#acks.set(key, { clientUuid: heard.clientUuid, commandId, status, takenAt: [at] });
      else known.takenAt.push(at);
      this.acksTaken += 1;
    } else if (heard?.kind === 'service_failed' && heard.payload.failed_at !== undefined) {
      const { unit, failed_at: failedAt } = heard.payload;
      this.#failures.push({
        clientUuid: heard.clientUuid,
        unit,
        failedAt: new Date(failedAt).getTime(),
        takenAt: at,
      });
    }
  }
}

function read({ topic, payload }: OutgoingMessage) {
  const parsed = parseInboundMessage(topic, Buffer.from(payload));
  return parsed.ok === true ? parsed.message : undefined;
}
