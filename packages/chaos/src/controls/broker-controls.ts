import type { Control, ControlTest } from './control.ts';

const RULES = 'packages/shared-types/src/broker/topic-access.ts';
/** A test of who may do what with every topic. */
export const table = (name: string): ControlTest => ({
  file: 'packages/local-stack/test/broker/access-table.test.ts',
  name,
});
export const written = 'lets a %s message through on exactly the topics of the table';
const accounts = (name: string): ControlTest => ({
  file: 'packages/server/test/broker-accounts.test.ts',
  name,
});

/** Who may say and hear what at the broker, and what the listener makes of it. */
export const BROKER_CONTROLS: readonly Control[] = [
  {
    id: 'screen-writes-its-own',
    file: RULES,
    find: 'publish: [...Object.values(DEVICE_TOPIC_SUFFIXES).map(own), DISCOVERY_ALIAS_TOPIC],',
    replace: `publish: [\`\${TOPIC_ROOT}/#\`],`,
    test: table(written),
  },
  {
    id: 'screen-reads-its-own',
    file: RULES,
    find: '    subscribe: commands,\n    receive: commands,\n  };\n}\n\n/** `server`',
    replace: `    subscribe: [\`\${TOPIC_ROOT}/#\`],\n    receive: [\`\${TOPIC_ROOT}/#\`],\n  };\n}\n\n/** \`server\``,
    test: table('gives the screens nothing for a filter with a wildcard, and the services what is theirs'),
  },
  {
    id: 'service-rights-apart',
    file: RULES,
    find: "return { publish: [canaryTopic('+')], subscribe: heard, receive: heard };",
    replace: 'return { publish: schedulerAccess().publish, subscribe: heard, receive: heard };',
    test: table(written),
  },
  {
    id: 'refused-by-default',
    file: 'packages/shared-types/src/broker/acl-rules.ts',
    find: '  publishClientSend: false,',
    replace: '  publishClientSend: true,',
    test: table(written),
  },
  {
    id: 'screen-client-id',
    file: 'packages/server/src/broker-accounts/desired-accounts.ts',
    find: '    clientId: uuid,\n',
    replace: '    clientId: null,\n',
    test: accounts('of a new client opens the broker at once, for its UUID as client id alone'),
  },
  {
    id: 'revoked-at-once',
    file: 'packages/server/src/broker-accounts/plan-accounts.ts',
    find: "...(state.accounts.has(username) ? [{ command: 'deleteClient', username }] : []),",
    replace: '',
    test: accounts('of a deleted client is gone at once, with its role and its retained presence'),
  },
  {
    id: 'rotated-at-once',
    file: 'packages/server/src/broker-accounts/plan-accounts.ts',
    find: '    account.textdescription === desired.marker &&\n',
    replace: '',
    test: accounts(
      'with rotated credentials is open to the new password, and cuts who is in with the old one',
    ),
  },
  {
    id: 'old-service-accounts-go',
    file: 'packages/server/src/broker-accounts/reconcile-broker-accounts.ts',
    find: '  if (removals.length === 0) return;\n',
    replace: '  if (removals.length >= 0) return;\n',
    test: {
      file: 'packages/server/test/service-accounts.test.ts',
      name: 'are cut and gone when no service has them any more, with their roles; others stay',
    },
  },
  {
    id: 'sealed-with-its-purpose',
    file: 'packages/server/src/broker-accounts/secret-seal.ts',
    find: `createHmac('sha256', fingerprintKey).update(\`\${purpose}\\n\`)`,
    replace: "createHmac('sha256', fingerprintKey)",
    test: {
      file: 'packages/server/test/secret-seal.test.ts',
      name: 'has a fingerprint that only the key can compute',
    },
  },
  {
    id: 'healthcheck-hides-password',
    file: 'mosquitto/healthcheck.sh',
    find: 'mosquitto_sub -h 127.0.0.1',
    replace: 'mosquitto_sub -h 127.0.0.1 -P "$MQTT_ADMIN_PASSWORD" -E -W 3',
    test: {
      file: 'packages/local-stack/test/broker/mosquitto-config.test.ts',
      name: 'is looked after without the password in the arguments of a program',
    },
  },
  {
    id: 'administrator-apart',
    file: 'packages/server/src/env.ts',
    find: "values[user] === undefined || values[user] !== values['MQTT_ADMIN_USER'],",
    replace: 'values[user] === undefined || user.length > 0,',
    test: {
      file: 'packages/server/test/settings.test.ts',
      name: "are refused where %s is the administrator's",
    },
  },
  {
    id: 'packet-size',
    file: 'packages/local-stack/src/broker/mosquitto-config.ts',
    find: "  max_packet_size: '262144',\n",
    replace: '',
    test: {
      file: 'packages/local-stack/test/broker/broker-limits.test.ts',
      name: 'ends with a packet that is too large: its sender is cut, nothing is delivered, others go on',
    },
  },
  {
    id: 'topic-decides',
    file: 'packages/shared-types/src/mqtt/inbound-message.ts',
    find: 'namedUuids(json.value).some((named) => named !== clientUuid)',
    replace: "namedUuids(json.value).some((named) => named === '')",
    test: { file: 'packages/listener/test/messages.test.ts', name: 'is kept with its reason: %s on %s' },
  },
  {
    id: 'ack-of-its-client',
    file: 'packages/commands/src/acknowledge-command.ts',
    find: 'guard: `c.client_uuid = t.client_uuid',
    replace: 'guard: `true',
    test: {
      file: 'packages/commands/test/acknowledge-command.test.ts',
      name: 'counts only for a command of the client whose topic it came on',
    },
  },
  {
    id: 'lockout-of-batches-locks-first',
    file: 'packages/commands/src/issue/client-lock.ts',
    find: 'AS t (client_uuid) WHERE pg_try',
    replace: 'AS t (client_uuid) WHERE true OR pg_try',
    test: {
      file: 'packages/commands/test/issue-and-claim.test.ts',
      name: 'don’t wait for a client for which somebody else issues',
    },
  },
  {
    id: 'lockout-of-batches-counts',
    file: 'packages/commands/src/issue/insert-commands.ts',
    find: "'$13')}) < $12)`;",
    replace: "'$13')}) < $12 + 1000)`;",
    test: {
      file: 'packages/commands/test/issue-and-claim.test.ts',
      name: 'count for the lockout, and are blocked by it, one after the other too',
    },
  },
  {
    id: 'ack-of-deleted-client-refused',
    file: 'packages/listener/src/clients/touch-clients.ts',
    find: 'ANY ($1::uuid[]) AND c.deleted_at IS NULL',
    replace: 'ANY ($1::uuid[])',
    test: {
      file: 'packages/listener/test/deleted-client.test.ts',
      name: 'is refused with every message, its last will too: a row and a count each, and nothing changes',
    },
  },
  {
    id: 'deleted-client-refused',
    file: 'packages/listener/src/clients/touch-client.ts',
    find: '  FROM clients c WHERE c.uuid = $1 AND s.client_uuid = c.uuid AND c.deleted_at IS NULL\n',
    replace: '  FROM clients c WHERE c.uuid = $1 AND s.client_uuid = c.uuid\n',
    test: {
      file: 'packages/listener/test/deleted-client.test.ts',
      name: 'is refused with every message, its last will too: a row and a count each, and nothing changes',
    },
  },
  {
    id: 'rate-per-client',
    file: 'packages/listener/src/rates/token-buckets.ts',
    find: '    if (fullAt - nowMs > this.#capacityMs) return false;\n',
    replace: '',
    test: {
      file: 'packages/listener/test/token-buckets.test.ts',
      name: 'let in at most the burst and the rate times the time, in any stretch of time',
    },
  },
  {
    id: 'flooder-suspended',
    file: 'packages/listener/src/rates/flood-watch.ts',
    find: 'if (window.refused <= MAX_REFUSED && window.refusedBytes <= MAX_REFUSED_BYTES) return undefined;',
    replace: 'if (window.refused >= 0) return undefined;',
    test: {
      file: 'packages/listener/test/flood-watch.test.ts',
      name: 'is told once, with what was refused, as soon as a second has more',
    },
  },
  {
    id: 'suspended-at-the-broker',
    file: 'packages/server/src/broker-accounts/plan-accounts.ts',
    find: 'if (account.disabled !== desired.isDisabled)',
    replace: 'if (account.disabled && !desired.isDisabled)',
    test: {
      file: 'packages/server/test/suspended-accounts.test.ts',
      name: 'is disabled: its connection is cut, and nobody gets in, until the time is over; others notice nothing',
    },
  },
  {
    id: 'share-of-the-queue',
    file: 'packages/listener/src/lanes/lane-intake.ts',
    find: 'if (message.dup || holder.hasRoomFor(',
    replace: "if (message.topic !== '' || holder.hasRoomFor(",
    test: {
      file: 'packages/listener/test/flooding-client.test.ts',
      name: 'and whose messages can’t be stored leaves room for the others of its lane',
    },
  },
  {
    id: 'open-failures-bounded',
    file: 'packages/listener/src/failures/record-failure.ts',
    find: 'export const MAX_OPEN_FAILURES = 200;',
    replace: 'export const MAX_OPEN_FAILURES = 2_000_000;',
    test: {
      file: 'packages/listener/test/reports.test.ts',
      name: 'is refused while its client has 200 open ones, and taken again when they are cleared',
    },
  },
  {
    id: 'refused-rows-bounded',
    file: 'packages/listener/src/rejections/rejection-book.ts',
    find: 'if (rows >= this.#rowsPerMinute) return false;',
    replace: 'if (rows < 0) return false;',
    test: {
      file: 'packages/listener/test/messages.test.ts',
      name: 'keeps the first kilobyte only, and at most 60 rows a minute of one client',
    },
  },
];
