import { type MessageSource, messageSource } from './message-source.ts';

/** More than there are messages in what one network read holds, and room for those that it leaves waiting. */
const REMEMBERED = 4096;

/**
 * `messageSource` for a stream that asks of each message twice: by its head, for the whole network read, and then again as
 * it is taken.
 */
export class RecentSources {
  #sources = new Map<string, MessageSource>();

  of(name: string): MessageSource {
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    if (this.#sources.size === REMEMBERED) this.#sources = new Map();
    const source = messageSource(name);
    this.#sources.set(name, source);
    return source;
  }
}
