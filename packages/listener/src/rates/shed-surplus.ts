import type { MessageHead } from '@infoscreen/service-kit';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import { RATE_LIMITED } from './client-rates.ts';
import type { MessageSource } from './message-source.ts';

/** A message as it comes, before it is parsed. */
export interface ArrivingMessage {
  readonly source: MessageSource;
  readonly head: MessageHead;
  readonly isLive: boolean;
}

/**
 * Refuses a message before it is parsed, where that leaves no trace but a count: its source is over its rate, and has
 * filled its rows of this minute. @returns whether it is dealt with; else it takes the usual way, which decides again
 */
export function shedSurplus(
  { rates, rejections }: Pick<IntakeDeps, 'rates' | 'rejections'>,
  { source, head, isLive }: ArrivingMessage,
  received: () => void,
): boolean {
  if (!rates.refuses(source, head) || rejections.hasRowFor(head.topic)) return false;
  received();
  rates.noteRefused(source, { bytes: head.payloadBytes, isLive });
  rejections.countOnly(RATE_LIMITED.reason);
  return true;
}
