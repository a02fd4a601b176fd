import { EVENT_STREAM_MEDIA_TYPE, eventQuerySchema, eventStreamSchema } from '@infoscreen/shared-types';
import type { Route } from '../http/define-route.ts';
import { defineStream } from '../http/stream-route.ts';
import type { EventStreams } from './event-streams.ts';

export function eventRoutes({ eventStreams }: { readonly eventStreams: EventStreams }): Route[] {
  return [
    defineStream({
      path: '/api/events',
      operationId: 'streamEvents',
      summary: 'Which clients, commands and failures change, as it happens; goes on after `Last-Event-ID`',
      tag: 'monitoring',
      role: 'viewer',
      query: eventQuerySchema,
      mediaType: EVENT_STREAM_MEDIA_TYPE,
      content: eventStreamSchema,
      problems: ['too_many_streams'],
      open: ({ query, lastEventId, ...input }) =>
        eventStreams.open({ ...input, lastEventId: lastEventId ?? query.last_event_id }),
    }),
  ];
}
