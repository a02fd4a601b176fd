import { commandTopics } from '@infoscreen/shared-types';
import type { Direction } from '@infoscreen/test-kit';
import type { StreamMark } from './crash-points.ts';
import { PreparedStatements } from './prepared-statements.ts';

type Verdict = 'pass' | 'hold';

interface Armed {
  readonly mark: StreamMark;
  readonly clientUuid: string;
  readonly reached: () => void;
  /** Connections on which the statement that opens the mark was seen, and on which an answer is awaited. */
  readonly begun: Set<number>;
  readonly asked: Set<number>;
}

const PUBACK = 0x40;
/** The end of PostgreSQL's answer: by then what was asked has been committed. */
const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5]);

/** Reads along what a process says to the database and to the broker, and holds the stream at a mark. */
export class StreamWatch {
  #armed: Armed | undefined;
  readonly #prepared = new PreparedStatements();

  /** Resolves when the stream is held at the mark; it holds once. */
  untilHeld(mark: StreamMark, clientUuid: string): Promise<void> {
    return new Promise((reached) => {
      this.#armed = { mark, clientUuid, reached, begun: new Set(), asked: new Set() };
    });
  }

  /** Holds nothing any more, whether it has held or not. */
  disarm(): void {
    this.#armed = undefined;
  }

  readonly inspectDatabase = (piece: Buffer, direction: Direction, connection: number): Verdict => {
    if (direction !== 'to_client') this.#prepared.learn(piece, connection);
    const armed = this.#armed;
    if (armed === undefined || armed.mark.link !== 'database') return 'pass';
    const { mark, begun, asked } = armed;
    if (direction === 'to_client') {
      return asked.has(connection) && endsAnswer(piece) ? this.#hold(armed) : 'pass';
    }
    if (this.#prepared.isIn(piece, connection, mark.statement)) begun.add(connection);
    const isAsked =
      begun.has(connection) && (mark.atCommit === true ? piece.includes('COMMIT') : !asked.has(connection));
    if (!isAsked) return 'pass';
    asked.add(connection);
    return mark.side === 'before' ? this.#hold(armed) : 'pass';
  };

  readonly inspectBroker = (piece: Buffer, direction: Direction, connection: number): Verdict => {
    const armed = this.#armed;
    if (armed === undefined || armed.mark.link !== 'broker') return 'pass';
    const { mark, asked } = armed;
    if (direction === 'to_client') {
      return asked.has(connection) && piece[0] === PUBACK ? this.#hold(armed) : 'pass';
    }
    const topics = commandTopics(armed.clientUuid, { legacy: true });
    if (!topics.some((topic) => piece.includes(topic))) return 'pass';
    asked.add(connection);
    return mark.side === 'before' ? this.#hold(armed) : 'pass';
  };

  #hold(armed: Armed): Verdict {
    this.#armed = undefined;
    armed.reached();
    return 'hold';
  }
}

function endsAnswer(piece: Buffer): boolean {
  return (
    piece.length > READY_FOR_QUERY.length &&
    piece.subarray(-READY_FOR_QUERY.length - 1, -1).equals(READY_FOR_QUERY)
  );
}
