import { LOOPBACK } from '../machine/free-port.ts';

/** Largest payload that the broker takes, in bytes; a batch of account commands must stay below it as well. */
const MAX_PAYLOAD_BYTES = 262_144;

/** `mosquitto.conf` for a broker of the local stack; every option is valid for 2.0.11 as for later releases. */
export function mosquittoConfig(settings: {
  readonly port: number;
  readonly dir: string;
  readonly pluginPath: string;
  readonly accountsPath: string;
}): string {
  const lines = [
    `listener ${settings.port} ${LOOPBACK}`,
    'allow_anonymous false',
    `plugin ${settings.pluginPath}`,
    `plugin_opt_config_file ${settings.accountsPath}`,
    'persistence true',
    `persistence_location ${settings.dir}/`,
    // What a kill -9 of the broker can lose; lost messages are repeated by their senders.
    'autosave_interval 5',
    // Without it each small request and answer waits some 40 ms.
    'set_tcp_nodelay true',
    'max_inflight_messages 1000',
    'max_queued_messages 100000',
    'max_queued_bytes 268435456',
    `message_size_limit ${MAX_PAYLOAD_BYTES}`,
    `max_packet_size ${MAX_PAYLOAD_BYTES + 1024}`,
    'log_dest stderr',
    'log_type error',
    'log_type warning',
    'log_type notice',
    'log_timestamp_format %Y-%m-%dT%H:%M:%S',
  ];
  return `${lines.join('\n')}\n`;
}
