import type { Logger } from '@infoscreen/service-kit';

/** Logs the beginning and the end of a time in which storing fails: one line each, however many tries fail. */
export class StoringEpisode {
  readonly #logger: Logger;
  readonly #fields: Readonly<Record<string, unknown>>;
  #failures = 0;

  constructor(logger: Logger, fields: Readonly<Record<string, unknown>>) {
    this.#logger = logger;
    this.#fields = fields;
  }

  failed(error: unknown): void {
    if (this.#failures === 0) this.#logger.warn('storing failed, trying again', { ...this.#fields, error });
    this.#failures += 1;
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    this.#logger.info('storing recovered', { ...this.#fields, failures: this.#failures });
    this.#failures = 0;
  }
}
