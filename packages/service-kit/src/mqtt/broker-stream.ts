import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { brokerSecurity } from '@infoscreen/shared-types';
import type { BrokerAddress } from '../settings/mqtt-settings.ts';
import { PacketSieve, type PacketSieveOptions } from './packet-sieve.ts';

const TCP_KEEPALIVE_MS = 30_000;

export interface BrokerStreamOptions extends BrokerAddress, Omit<PacketSieveOptions, 'onRest'> {
  /** Bytes have come. */
  readonly onTraffic: () => void;
}

/**
 * The bytes of a connection to the broker as the client library sees them: without the messages, which are taken out as they
 * come. While a message is held nothing is read, so that the broker waits too.
 */
export class BrokerStream extends Duplex {
  readonly #socket: Socket;
  readonly #sieve: PacketSieve;

  constructor({ onTraffic, ...options }: BrokerStreamOptions) {
    super();
    this.#sieve = new PacketSieve({ ...options, onRest: (bytes) => this.push(bytes) });
    this.#socket = openSocket(options);
    // Without it each small packet may wait 40 ms for the last one's acknowledgement.
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    this.#socket.on('data', (chunk: Buffer) => {
      onTraffic();
      this.#take(chunk);
    });
    this.#socket.on('end', () => this.push(null));
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.on('close', () => this.destroy());
  }

  /** Bytes that wait for the network. */
  get bufferedBytes(): number {
    return this.writableLength + this.#socket.writableLength;
  }

  #take(chunk: Buffer): void {
    const held = this.#sieve.feed(chunk);
    if (held === undefined) return;
    this.#socket.pause();
    const goOn = () => this.#socket.resume();
    held.then(goOn, goOn);
  }

  // Bytes are pushed as they come: what is left of them is little.
  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

function openSocket({ host, port, tls }: BrokerAddress): Socket {
  if (tls === undefined) return connectTcp({ host, port });
  return connectTls({
    ...brokerSecurity(tls),
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
}
