/**
 * What the broker keeps, and how much it takes from anybody: for the local stack, for tests, and for the files in
 * `mosquitto/`, which a test holds to this list. Valid for Mosquitto 2.0.11 as for later releases.
 */
export const BROKER_SETTINGS = {
  persistence: 'true',
  /** What a kill of the broker can lose, in seconds; whoever sent what was lost sends it again. */
  autosave_interval: '5',
  persistent_client_expiration: '14d',
  /** Without it each small request and answer waits some 40 ms. */
  set_tcp_nodelay: 'true',
  /** Bytes; a batch of account commands has to fit in. */
  max_packet_size: '262144',
  /** Acknowledgements keep the order of the messages: so many of others are read while one can't be stored. */
  max_inflight_messages: '20000',
  /** The return of 100,000 screens at once, a few messages of each; what they need in memory bounds the next one. */
  max_queued_messages: '500000',
  max_queued_bytes: '268435456',
} as const;

/** Of each listener. */
export const MAX_CONNECTIONS = '20000';

const LOG_LINES = [
  'log_dest stderr',
  'log_type error',
  'log_type warning',
  'log_type notice',
  'log_timestamp_format %Y-%m-%dT%H:%M:%S',
];

/** The server's certificate, as files that the broker may read. */
export interface ServerCertificateFiles {
  readonly certfile: string;
  readonly keyfile: string;
}

/** Screens that log in with a certificate: their CA, those of its certificates that are revoked, their topics. */
export interface ClientCertificateFiles {
  readonly cafile: string;
  readonly crlfile: string;
  readonly aclFile: string;
}

/**
 * Where the broker can be reached; an endpoint is `port` or `port address`.
 * - passwords: in clear, and over TLS as well where `tls` is given
 * - certificates: passwords over TLS only, and certificates at a listener of their own. Each listener has its own rules
 *   then, and only one may have the account plugin: a second copy of it would keep accounts that were deleted.
 */
export type BrokerDoors =
  | {
      readonly kind: 'passwords';
      readonly plain: string;
      readonly tls?: ServerCertificateFiles & { readonly endpoint: string };
    }
  | {
      readonly kind: 'certificates';
      readonly server: ServerCertificateFiles;
      readonly passwords: string;
      readonly certificates: ClientCertificateFiles & { readonly endpoint: string };
    };

export interface BrokerFiles {
  readonly stateFolder: string;
  readonly pluginPath: string;
  readonly accountsPath: string;
}

/** `mosquitto.conf`. @param limits over those of the list, for a test that reaches them */
export function mosquittoConfig({
  doors,
  files,
  limits = {},
}: {
  readonly doors: BrokerDoors;
  readonly files: BrokerFiles;
  readonly limits?: Readonly<Record<string, string>>;
}): string {
  const { max_connections: connections = MAX_CONNECTIONS, ...others } = limits;
  const lines = [...commonLines(files.stateFolder, others), ...doorLines(doors, files, connections)];
  return `${lines.join('\n')}\n`;
}

/** Everything but the listeners. */
export function commonLines(
  stateFolder: string,
  limits: Readonly<Record<string, string>> = {},
): readonly string[] {
  const settings = Object.entries({ ...BROKER_SETTINGS, ...limits });
  return [
    ...settings.map(([option, value]) => `${option} ${value}`),
    `persistence_location ${stateFolder}/`,
    ...LOG_LINES,
  ];
}

/** The listeners, with who may come in and do what there. */
export function doorLines(
  doors: BrokerDoors,
  { pluginPath, accountsPath }: BrokerFiles,
  connections = MAX_CONNECTIONS,
): readonly string[] {
  const open = (endpoint: string) => [`listener ${endpoint}`, `max_connections ${connections}`];
  const accounts = [
    'allow_anonymous false',
    `plugin ${pluginPath}`,
    `plugin_opt_config_file ${accountsPath}`,
  ];
  const tls = ({ certfile, keyfile }: ServerCertificateFiles) => [
    `certfile ${certfile}`,
    `keyfile ${keyfile}`,
  ];
  if (doors.kind === 'passwords')
    return [
      ...open(doors.plain),
      ...accounts,
      ...(doors.tls === undefined ? [] : [...open(doors.tls.endpoint), ...tls(doors.tls)]),
    ];
  const { endpoint, cafile, crlfile, aclFile } = doors.certificates;
  return [
    'per_listener_settings true',
    ...open(doors.passwords),
    ...accounts,
    ...tls(doors.server),
    ...open(endpoint),
    'allow_anonymous false',
    ...tls(doors.server),
    `cafile ${cafile}`,
    `crlfile ${crlfile}`,
    'require_certificate true',
    'use_identity_as_username true',
    'use_username_as_clientid true',
    `acl_file ${aclFile}`,
  ];
}
