import { connect, createServer, type Server, type Socket } from 'node:net';

/** `to_target`: what the client says; `to_client`: what the target answers. */
export type Direction = 'to_target' | 'to_client';

export interface TcpProxyOptions {
  readonly target: { readonly host: string; readonly port: number };
  /** A free one when left out. */
  readonly port?: number;
  /**
   * Sees each piece of the stream before it passes. `hold` keeps this piece and all that follow it, in this direction of
   * this connection, until `resume`. Connections are numbered from 1.
   */
  readonly inspect?: (piece: Buffer, direction: Direction, connection: number) => 'pass' | 'hold';
}

/** A TCP link that can be broken: in front of a database or a broker, whose clients connect to it instead. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Open connections. */
  readonly connections: number;
  /** Nothing passes any more, and nobody is told; what comes meanwhile waits. New connections stall too. */
  stall(): void;
  /** Ends `stall`, and every `hold`: what waited goes on. */
  resume(): void;
  /** Resets every open connection; what it held is lost. New ones pass. */
  cut(): void;
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const links = new Set<Link>();
  let isStalled = false;
  let opened = 0;
  const server = createServer((client) => {
    opened += 1;
    const connection = opened;
    const inspect = (piece: Buffer, direction: Direction) =>
      options.inspect?.(piece, direction, connection) ?? 'pass';
    const link = new Link(client, { target: options.target, inspect }, () => links.delete(link));
    if (isStalled) link.pause();
    links.add(link);
  });
  const port = await listen(server, options.port ?? 0);
  const cut = () => {
    for (const link of links) link.cut();
  };
  return {
    host: LOOPBACK,
    port,
    get connections() {
      return links.size;
    },
    stall: () => {
      isStalled = true;
      for (const link of links) link.pause();
    },
    resume: () => {
      isStalled = false;
      for (const link of links) link.resume();
    },
    cut,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

interface LinkOptions {
  readonly target: TcpProxyOptions['target'];
  readonly inspect: (piece: Buffer, direction: Direction) => 'pass' | 'hold';
}

/** One client and its connection to the target. */
class Link {
  readonly #sockets: readonly Socket[];
  readonly #halves: readonly Half[];

  constructor(client: Socket, { target, inspect }: LinkOptions, onEnd: () => void) {
    const server = connect(target);
    this.#sockets = [client, server];
    this.#halves = [
      new Half(client, server, (piece) => inspect(piece, 'to_target')),
      new Half(server, client, (piece) => inspect(piece, 'to_client')),
    ];
    for (const socket of this.#sockets) {
      socket.on('error', () => this.cut());
      socket.on('close', () => {
        this.cut();
        onEnd();
      });
    }
  }

  pause(): void {
    for (const half of this.#halves) half.pause();
  }

  resume(): void {
    for (const half of this.#halves) half.resume();
  }

  cut(): void {
    for (const socket of this.#sockets) if (!socket.destroyed) socket.resetAndDestroy();
  }
}

/** One direction of a link. */
class Half {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #inspect: (piece: Buffer) => 'pass' | 'hold';
  #held: Buffer | undefined;
  #isPaused = false;

  constructor(from: Socket, to: Socket, inspect: (piece: Buffer) => 'pass' | 'hold') {
    this.#from = from;
    this.#to = to;
    this.#inspect = inspect;
    from.setNoDelay(true);
    from.on('data', (piece: Buffer) => this.#take(piece));
    from.on('end', () => to.end());
  }

  pause(): void {
    this.#isPaused = true;
    this.#from.pause();
  }

  resume(): void {
    this.#isPaused = false;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#to.write(held);
    this.#from.resume();
  }

  #take(piece: Buffer): void {
    if (this.#inspect(piece) === 'hold') {
      this.#held = piece;
      this.pause();
    } else if (!this.#to.write(piece)) {
      // Back-pressure ends with `drain`, but a stall only with `resume`.
      this.#from.pause();
      this.#to.once('drain', () => {
        if (!this.#isPaused) this.#from.resume();
      });
    }
  }
}
