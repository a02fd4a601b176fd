import { PUBACK_BYTES } from '@infoscreen/test-kit';
import { type BrokerLogin, connectSocket } from './connect-socket.ts';

const MAX_MESSAGE_ID = 65_535;

/** One connection of a load account. */
export interface Line {
  /** @param packet makes the packet with the message id that it is given */
  readonly publish: (packet: (messageId: number) => Buffer) => void;
  /** Packets made beforehand, of `messages` messages at QoS 1; resolves when the broker has acknowledged all so far. */
  readonly write: (pieces: Iterable<Buffer>, messages: number) => Promise<void>;
  /** Resolves when the broker has acknowledged all so far. @throws when it ends the connection before */
  readonly untilAcknowledged: () => Promise<void>;
  readonly close: () => void;
}

/** @throws when the broker refuses the account */
export async function openLine(login: BrokerLogin, index: number): Promise<Line> {
  const socket = await connectSocket(login, `${login.username}-${index}`);
  let sent = 0;
  let missing = 0;
  let ended: Error | undefined;
  /** Whoever waits looks again. */
  let wake = () => {};
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  socket.on('data', (bytes: Buffer) => {
    missing -= bytes.length;
    if (missing <= 0) wake();
  });
  socket.on('drain', () => wake());
  const fail = (error: Error) => {
    ended ??= error;
    wake();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error(`the broker ended a connection, ${missing} bytes before the end`)));
  const untilAcknowledged = async () => {
    while (missing > 0 && ended === undefined) await woken();
    if (missing > 0) throw ended;
  };
  return {
    publish: (packet) => {
      sent += 1;
      missing += PUBACK_BYTES;
      socket.write(packet(((sent - 1) % MAX_MESSAGE_ID) + 1));
    },
    write: async (pieces, messages) => {
      missing += messages * PUBACK_BYTES;
      for (const piece of pieces) {
        socket.write(piece);
        while (socket.writableNeedDrain && ended === undefined) await woken();
      }
      await untilAcknowledged();
    },
    untilAcknowledged,
    close: () => socket.destroy(),
  };
}
