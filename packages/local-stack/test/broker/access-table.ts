/** The accounts that the table speaks of; `one` is MQTT_USER where no service has an account of its own. */
export const ACCOUNTS = [
  'screen',
  'other_screen',
  'server',
  'listener',
  'scheduler',
  'one',
  'watch',
  'admin',
] as const;
export type Account = (typeof ACCOUNTS)[number];

export interface TopicRow {
  readonly topic: string;
  /** Whose messages on it arrive, sent plainly, retained or as a last will. */
  readonly write: readonly Account[];
  /** Who is given messages of it, by whichever subscription. */
  readonly read: readonly Account[];
  /** Judged by what it does, as it is delivered to nobody: the broker's own account commands. */
  readonly isControl?: true;
}

const FLEET: readonly Account[] = ['listener', 'one', 'watch'];
const WATCHERS: readonly Account[] = ['one', 'watch'];
const COMMANDERS: readonly Account[] = ['server', 'scheduler', 'one'];

/**
 * Who may do what with every topic of the contract, and with those near it. Written out by hand, and not made from the
 * rules: it says what they must come to.
 */
export function accessTable(screen: string, other: string): readonly TopicRow[] {
  return [
    { topic: `infoscreen/${screen}/discovery`, write: ['screen'], read: FLEET },
    { topic: `infoscreen/${screen}/heartbeat`, write: ['screen'], read: FLEET },
    { topic: `infoscreen/${screen}/health`, write: ['screen'], read: FLEET },
    { topic: `infoscreen/${screen}/service_failed`, write: ['screen'], read: FLEET },
    { topic: `infoscreen/${screen}/presence`, write: ['screen', 'server', 'one'], read: FLEET },
    { topic: `infoscreen/${screen}/commands/ack`, write: ['screen'], read: FLEET },
    { topic: `infoscreen/${screen}/command/ack`, write: ['screen'], read: FLEET },
    { topic: `infoscreen/${screen}/commands`, write: COMMANDERS, read: ['screen', ...WATCHERS] },
    { topic: `infoscreen/${screen}/command`, write: COMMANDERS, read: ['screen', ...WATCHERS] },

    { topic: `infoscreen/${other}/discovery`, write: ['other_screen'], read: FLEET },
    { topic: `infoscreen/${other}/heartbeat`, write: ['other_screen'], read: FLEET },
    { topic: `infoscreen/${other}/health`, write: ['other_screen'], read: FLEET },
    { topic: `infoscreen/${other}/service_failed`, write: ['other_screen'], read: FLEET },
    { topic: `infoscreen/${other}/presence`, write: ['other_screen', 'server', 'one'], read: FLEET },
    { topic: `infoscreen/${other}/commands/ack`, write: ['other_screen'], read: FLEET },
    { topic: `infoscreen/${other}/command/ack`, write: ['other_screen'], read: FLEET },
    { topic: `infoscreen/${other}/commands`, write: COMMANDERS, read: ['other_screen', ...WATCHERS] },
    { topic: `infoscreen/${other}/command`, write: COMMANDERS, read: ['other_screen', ...WATCHERS] },

    { topic: 'infoscreen/discovery', write: ['screen', 'other_screen'], read: FLEET },
    { topic: 'infoscreen/_canary/4-0', write: ['listener', 'one'], read: FLEET },
    // What `+` in a rule also covers; nobody takes anything from a canary but that a listener's stream flows.
    { topic: 'infoscreen/_canary/commands', write: ['listener', ...COMMANDERS], read: FLEET },
    { topic: 'infoscreen/_canary/presence', write: ['listener', 'server', 'one'], read: FLEET },

    { topic: `infoscreen/${screen}`, write: [], read: WATCHERS },
    { topic: `infoscreen/${screen}/anything`, write: [], read: WATCHERS },
    { topic: `infoscreen/${screen}/heartbeat/more`, write: [], read: WATCHERS },
    { topic: `infoscreen/${screen}/commands/more`, write: [], read: WATCHERS },
    { topic: `infoscreen/${screen}/commands/ack/more`, write: [], read: WATCHERS },
    { topic: `infoscreen/${screen.toUpperCase()}/anything`, write: [], read: WATCHERS },
    { topic: 'infoscreen/discovery/more', write: [], read: WATCHERS },
    { topic: 'infoscreen/_canary', write: [], read: WATCHERS },
    { topic: 'infoscreen/_canary/4-0/more', write: [], read: WATCHERS },
    { topic: 'infoscreen', write: [], read: WATCHERS },
    { topic: `${screen}/heartbeat`, write: [], read: [] },
    { topic: `/infoscreen/${screen}/heartbeat`, write: [], read: [] },
    { topic: 'anything', write: [], read: [] },

    { topic: '$SYS/broker/uptime', write: [], read: [], isControl: true },
    { topic: '$CONTROL/dynamic-security/v1', write: ['admin'], read: [], isControl: true },
    { topic: '$CONTROL/dynamic-security/v1/response', write: [], read: ['admin'], isControl: true },
  ];
}

/** Filters that services need, most of them with wildcards, and those that an intruder would try. */
export function wideFilters(screen: string, other: string): readonly string[] {
  return [
    '#',
    '+',
    '+/#',
    '+/+/+',
    'infoscreen/#',
    'infoscreen/+',
    'infoscreen/+/#',
    'infoscreen/+/+',
    'infoscreen/+/+/+',
    'infoscreen/discovery',
    'infoscreen/+/discovery',
    'infoscreen/+/heartbeat',
    'infoscreen/+/health',
    'infoscreen/+/service_failed',
    'infoscreen/+/presence',
    'infoscreen/+/commands/ack',
    'infoscreen/+/command/ack',
    'infoscreen/+/commands',
    'infoscreen/+/command',
    'infoscreen/_canary/+',
    `infoscreen/${screen}/#`,
    `infoscreen/${screen}/+`,
    `infoscreen/${other}/#`,
    `+/${screen}/commands`,
    `+/${other}/commands`,
    '$SYS/#',
    '$SYS/+/+',
    '$CONTROL/#',
    '$CONTROL/dynamic-security/#',
    '$CONTROL/+/+/+',
  ];
}
