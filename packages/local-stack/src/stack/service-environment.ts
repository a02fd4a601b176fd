import { serverEnvironment } from '../env.ts';
import type { StackSecrets } from './stack-env-file.ts';
import type { Environment, StackSettings } from './stack-settings.ts';

/** The account of the tables' owner, with which a service could change what it must not; `DATABASE_URL` has the services'. */
const NOT_FOR_SERVICES = ['POSTGRES_PASSWORD', 'POSTGRES_SERVICE_PASSWORD', 'MIGRATION_DATABASE_URL'];

/** What the three services are given: everything that was set or made, but the owner's account. */
export function serviceEnvironment(
  settings: Pick<StackSettings, 'HOST' | 'given'>,
  secrets: StackSecrets,
  whereabouts: Environment,
): Environment {
  const environment: Environment = {
    LOG_FORMAT: 'pretty',
    HOST: settings.HOST,
    ...settings.given,
    ...serverEnvironment(),
    ...secrets.values,
    ...whereabouts,
  };
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !NOT_FOR_SERVICES.includes(name)));
}

/** All that the simulated screens need of what was set. They stand for devices, and devices hold no secret of a service. */
const FOR_SCREENS = [
  'MQTT_CA_FILE',
  'HEARTBEAT_INTERVAL_SECONDS',
  'HEALTH_INTERVAL_SECONDS',
  'REBOOT_SECONDS',
];

/** What the simulated screens are given. */
export function screensEnvironment(
  { given }: Pick<StackSettings, 'given'>,
  whereabouts: Environment,
): Environment {
  const set = Object.entries(given).filter(([name]) => FOR_SCREENS.includes(name));
  return { ...serverEnvironment(), ...Object.fromEntries(set), ...whereabouts };
}
