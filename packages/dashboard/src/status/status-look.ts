import type { ClientStatus, CommandStatus } from '@infoscreen/shared-types';

/** Tones have one pair of colours each, in light and dark; a shape and a word always go with them. */
export type Tone = 'good' | 'warn' | 'bad' | 'off' | 'busy';
export interface Look {
  readonly tone: Tone;
  readonly shape: string;
}

export const SCREEN_LOOK: Readonly<Record<ClientStatus, Look>> = {
  healthy: { tone: 'good', shape: '●' },
  degraded: { tone: 'warn', shape: '▲' },
  crashed: { tone: 'bad', shape: '✕' },
  unreachable: { tone: 'off', shape: '○' },
  never_seen: { tone: 'off', shape: '?' },
};

/** As people look at them: what works first, then by what is to be done. */
export const STATUS_ORDER = ['healthy', 'degraded', 'crashed', 'unreachable', 'never_seen'] as const;

export const COMMAND_LOOK: Readonly<Record<CommandStatus, Look>> = {
  queued: { tone: 'busy', shape: '…' },
  publish_in_progress: { tone: 'busy', shape: '…' },
  published: { tone: 'busy', shape: '→' },
  ack_received: { tone: 'busy', shape: '→' },
  execution_started: { tone: 'busy', shape: '▶' },
  completed: { tone: 'good', shape: '✓' },
  failed: { tone: 'bad', shape: '✕' },
  expired: { tone: 'warn', shape: '!' },
  blocked_safety: { tone: 'warn', shape: '⊘' },
  cancelled: { tone: 'off', shape: '–' },
};
