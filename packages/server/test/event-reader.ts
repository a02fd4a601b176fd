import { get, type IncomingMessage } from 'node:http';
import { EVENT_DATA_SCHEMAS, type EventKind } from '@infoscreen/shared-types';
import { eventually } from '@infoscreen/test-kit';
import { expect } from '@jest/globals';

export interface ReadEvent {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, string>>;
}

/** The events in what was received so far, each held against the contract; comments and lone ids left out. */
export function eventsIn(text: string): ReadEvent[] {
  return blocksOf(text).flatMap((block) => {
    const { event, id, data } = fieldsOf(block);
    if (data === undefined) return [];
    expect(Object.keys(EVENT_DATA_SCHEMAS)).toContain(event);
    const parsed: unknown = JSON.parse(data);
    expect(EVENT_DATA_SCHEMAS[event as EventKind].strict().parse(parsed)).toEqual(parsed);
    return [{ event: event ?? '', id: id ?? '', data: parsed as ReadEvent['data'] }];
  });
}

/** Whole ones only: what stands after the last empty line isn't one yet. */
const blocksOf = (text: string) => text.split('\n\n').slice(0, -1);

const fieldsOf = (block: string): Record<string, string | undefined> =>
  Object.fromEntries(
    block
      .split('\n')
      .filter((line) => !line.startsWith(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );

export interface EventReader {
  readonly response: IncomingMessage;
  readonly events: () => ReadEvent[];
  /** The `Last-Event-ID` with which a browser would come back. */
  readonly lastId: () => string;
  /** Resolves when an event of this kind that has these data is there. */
  readonly sees: (event: EventKind, data: Record<string, string>) => Promise<unknown>;
  readonly hasEnded: () => boolean;
  readonly close: () => void;
}

/** Reads a stream as a browser does. Resolves with the headers. */
export function readEvents(
  url: string,
  { cookie, lastEventId }: { readonly cookie: string | undefined; readonly lastEventId?: string },
): Promise<EventReader> {
  const headers = {
    ...(cookie === undefined ? {} : { cookie }),
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => {
      let text = '';
      let hasEnded = false;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', () => {});
      response.on('close', () => {
        hasEnded = true;
      });
      const events = () => eventsIn(text);
      resolve({
        response,
        events,
        lastId: () =>
          blocksOf(text)
            .map((block) => fieldsOf(block)['id'])
            .findLast((id) => id !== undefined) ?? '',
        sees: (event, data) =>
          eventually(
            () =>
              events().some(
                (seen) => seen.event === event && JSON.stringify(seen.data) === JSON.stringify(data),
              ),
            {
              what: () =>
                `${event} ${JSON.stringify(data)} in a stream answered with ${response.statusCode}, ${hasEnded ? 'ended' : 'open'}: ${text}`,
            },
          ),
        hasEnded: () => hasEnded,
        close: () => request.destroy(),
      });
    });
    request.on('error', reject);
  });
}
