import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connectPacket } from '@infoscreen/test-kit';

export interface BrokerLogin {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

const CONNACK = 0x20;
const CONNACK_BYTES = 4;

/** A connection that the broker has accepted. @throws when it refuses the account */
export async function connectSocket(
  { host, port, username, password }: BrokerLogin,
  clientId: string,
): Promise<Socket> {
  const socket = connect(port, host);
  socket.setNoDelay(true);
  try {
    await once(socket, 'connect');
    socket.write(connectPacket(username, password, clientId));
    await answerOf(
      socket,
      (bytes) => bytes[0] === CONNACK && bytes[3] === 0 && bytes.length === CONNACK_BYTES,
    );
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** @throws with the next bytes of the broker where they aren't good */
export async function answerOf(socket: Socket, isGood: (bytes: Buffer) => boolean): Promise<void> {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  if (!isGood(bytes)) throw new Error(`the broker answered ${bytes.toString('hex')}`);
}
