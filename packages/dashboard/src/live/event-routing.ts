import type { QueryKey } from '@tanstack/react-query';

export const LIVE_EVENTS = ['client', 'command', 'failure', 'system', 'reset'] as const;
export type LiveEventName = (typeof LIVE_EVENTS)[number];

/** What an event says; anything else in it is of no interest here. */
interface EventData {
  readonly uuid?: string;
  readonly commandId?: string;
  readonly clientUuid?: string;
}

/** Which cached answers an event makes old; `[]` means all of them. Pure. */
export function staleKeys(name: LiveEventName, data: EventData): QueryKey[] {
  switch (name) {
    case 'client':
      return [['counts'], ['crashed'], ['groups'], ...of('screen', data.uuid)];
    case 'command':
      return [['commands'], ['crashed'], ...of('command', data.commandId), ...of('screen', data.clientUuid)];
    case 'failure':
      return [['failures'], ['counts'], ...of('screen', data.uuid)];
    case 'system':
      return [['system']];
    case 'reset':
      return [[]];
    default:
      return name satisfies never;
  }
}

function of(kind: string, id: string | undefined): QueryKey[] {
  return id === undefined ? [] : [[kind, id]];
}

/** The data of an event; an empty object where it is not what it should be. */
export function parseEventData(text: string): EventData {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as EventData) : {};
  } catch {
    return {};
  }
}

/** The uuid of the screen that an event is about, if it is about one. */
export function screenOf(data: EventData): string | null {
  return data.uuid ?? data.clientUuid ?? null;
}
