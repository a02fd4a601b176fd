import { parseArgs } from 'node:util';

export const HELP = `Usage: scripts/validate-restart [--compose] [--client UUID] [--change-password]

Checks a running system as docs/RESTART_VALIDATION_CHECKLIST.md says: restarts a screen that is alive, one that is offline,
and one too often, with curl and mosquitto_sub, and prints a line for each acceptance criterion.
It really restarts one screen. The two clients that it makes are deleted at the end.

  --compose          the services run in containers: read their logs from docker compose, and no .local/stack.env
  --client UUID      restart this screen instead of choosing one that is alive
  --change-password  change the admin's first password where the server asks for it: to NEW_ADMIN_PASSWORD, else to a
                     random one; it is written to the file that ADMIN_PASSWORD came from, else printed once
  --help             this text

Settings, from the environment, else from .env, else from .local/stack.env (an empty value counts as not set):
  BASE_URL           where the API is (http://127.0.0.1:8000, with PORT instead of 8000 where that is set)
  ADMIN_USERNAME, ADMIN_PASSWORD   an admin (the name: admin)
  MQTT_HOST, MQTT_PORT             the broker (127.0.0.1, 1883, or 8883 with MQTT_TLS)
  MQTT_TLS, MQTT_CA_FILE           whether it is reached over TLS (false), and the certificate of its CA
  MQTT_USER, MQTT_PASSWORD         the broker account to watch with
  LISTENER_LOG       the listeners' logs, * allowed in the file name (.local/logs/listener*.log); the other services'
                     logs are the *.log files beside them
  LOCKOUT_MAX_COMMANDS, LOCKOUT_WINDOW_SECONDS, COMMAND_RESULT_TIMEOUT_SECONDS, MQTT_LEGACY_TOPICS   as the server has them

A command to the offline screen lives COMMAND_TTL_SECONDS of the server (240 by default), so a run takes about that long.
Exit code: 0 all criteria met, 1 one of them isn't, 2 it couldn't begin.
`;

/** @returns options, or `{problem}` that says what is wrong with the command line */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        compose: { type: 'boolean', default: false },
        client: { type: 'string' },
        'change-password': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return {
      compose: values.compose,
      client: values.client?.toLowerCase(),
      changePassword: values['change-password'],
      help: values.help,
    };
  } catch (error) {
    return { problem: error.message };
  }
}
