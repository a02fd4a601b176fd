import { randomUUID } from 'node:crypto';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { LOOPBACK } from '../machine/free-port.ts';

const CONNACK = 0x20;
const CLEAN_SESSION_WITH_PASSWORD = 0b1100_0010;

/** The only CA that is trusted, PEM; the system's where left out. */
export interface ProbeTls {
  readonly ca?: string;
}

/**
 * Tries one MQTT 3.1.1 connection.
 * @returns the broker's return code (0 = accepted), or `undefined` when none came within `timeoutMs`
 */
export function probeConnection(attempt: {
  /** This machine when left out. */
  readonly host?: string;
  readonly port: number;
  /** Over TLS, verified in full. */
  readonly tls?: ProbeTls;
  readonly username: string;
  readonly password: string;
  readonly timeoutMs: number;
}): Promise<number | undefined> {
  return new Promise((resolve) => {
    const address = { host: attempt.host ?? LOOPBACK, port: attempt.port };
    const socket =
      attempt.tls === undefined
        ? connect(address)
        : connectTls({ ...address, ...serverName(address.host), ...attempt.tls });
    const finish = (code: number | undefined) => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(attempt.timeoutMs, () => finish(undefined));
    socket.on('error', () => finish(undefined));
    socket.on('close', () => finish(undefined));
    socket.on(attempt.tls === undefined ? 'connect' : 'secureConnect', () =>
      socket.write(connectPacket(attempt.username, attempt.password)),
    );
    socket.on('data', (data) => finish(data[0] === CONNACK ? data[3] : undefined));
  });
}

/** TLS names hosts, not addresses. */
function serverName(host: string) {
  return isIP(host) === 0 ? { servername: host } : {};
}

function connectPacket(username: string, password: string): Buffer {
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, CLEAN_SESSION_WITH_PASSWORD, 0, 10]),
    text(`probe-${randomUUID()}`),
    text(username),
    text(password),
  ]);
  return Buffer.concat([Buffer.from([0x10, ...remainingLength(body.length)]), body]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function remainingLength(length: number): number[] {
  return length < 128 ? [length] : [(length % 128) | 0x80, ...remainingLength(Math.floor(length / 128))];
}
