import type { Screen } from '../api/api-types.ts';

type Facts = Pick<
  Screen,
  | 'status'
  | 'presence_online'
  | 'presence_at'
  | 'last_message_at'
  | 'last_alive'
  | 'process_status'
  | 'service_failed_at'
>;

/** Since when a screen is as it is, as far as that is known; ISO 8601. Pure. */
export function statusSince(screen: Facts): string | null {
  switch (screen.status) {
    case 'unreachable':
      return screen.presence_online === false ? screen.presence_at : screen.last_message_at;
    case 'crashed':
      return screen.process_status === 'crashed' ? null : screen.last_alive;
    case 'degraded':
      return screen.service_failed_at;
    case 'healthy':
    case 'never_seen':
      return null;
    default:
      return screen.status satisfies never;
  }
}
