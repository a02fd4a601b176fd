import { MqttConnectionLostError, MqttPublishTimeoutError } from './mqtt-errors.ts';

type Work<T> = (resolve: (value: T) => void, reject: (error: Error) => void) => void;

/** What the broker owes an answer to, on one connection. */
export class PendingAnswers {
  readonly #rejects = new Set<(error: Error) => void>();
  #isOver = false;

  /**
   * Settles by `work`, by the time, or by the end of the connection, whichever is first.
   * @param leftMs when the time has run out: how long to wait on, where nothing was owed yet
   */
  async within<T>(timeoutMs: number, work: Work<T>, leftMs: () => number = () => 0): Promise<T> {
    if (this.#isOver) throw new MqttConnectionLostError();
    let reject = (_error: Error) => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, rejectPromise) => {
        reject = rejectPromise;
        this.#rejects.add(reject);
        const giveUp = () => {
          if (leftMs() > 0) timer = setTimeout(giveUp, leftMs());
          else reject(new MqttPublishTimeoutError(timeoutMs));
        };
        timer = setTimeout(giveUp, timeoutMs);
        work(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      this.#rejects.delete(reject);
    }
  }

  /** The connection has ended: none of them comes any more. */
  end(): void {
    this.#isOver = true;
    for (const reject of this.#rejects) reject(new MqttConnectionLostError());
  }
}
