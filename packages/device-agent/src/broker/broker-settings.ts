import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { BrokerAddress } from './broker-link.ts';

const PORT_IN_CLEAR = 1883;
const PORT_OF_TLS = 8883;

const pemFile = (kind: string) =>
  z
    .string()
    .transform((path, context) => {
      const text = readOrEmpty(path);
      if (new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(text)) return text;
      context.addIssue({
        code: 'custom',
        message: `must name a file (PEM) with a ${kind.toLowerCase()} that this process may read`,
      });
      return z.NEVER;
    })
    .optional();

/** The broker's address. With TLS its certificate has to be valid, for MQTT_HOST, and from a CA that is trusted. */
export const brokerSettings = {
  MQTT_HOST: z.string({ error: 'is not set: the host name of the broker' }).min(1),
  MQTT_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a number')
    .transform(Number)
    .pipe(z.number().min(1).max(65_535))
    .optional(),
  MQTT_TLS: z.enum(['true', 'false'], 'must be true or false').default('false'),
  MQTT_CA_FILE: pemFile('CERTIFICATE'),
};

/** What a screen logs in with instead of a password. */
export const certificateSettings = {
  MQTT_CERT_FILE: pemFile('CERTIFICATE'),
  MQTT_KEY_FILE: pemFile('PRIVATE KEY'),
};

interface BrokerSettings {
  readonly MQTT_HOST: string;
  readonly MQTT_PORT?: number | undefined;
  readonly MQTT_TLS: 'true' | 'false';
  readonly MQTT_CA_FILE?: string | undefined;
  readonly MQTT_CERT_FILE?: string | undefined;
  readonly MQTT_KEY_FILE?: string | undefined;
}

export function brokerAddressOf(settings: BrokerSettings): BrokerAddress {
  const { MQTT_HOST: host, MQTT_CA_FILE: ca, MQTT_CERT_FILE: cert, MQTT_KEY_FILE: key } = settings;
  if (settings.MQTT_TLS === 'false') return { host, port: settings.MQTT_PORT ?? PORT_IN_CLEAR };
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
  return { host, port: settings.MQTT_PORT ?? PORT_OF_TLS, tls };
}

type Given = Readonly<Record<string, unknown>>;

/** How the screen proves who it is: by a password, or by a certificate, which needs TLS. */
export const LOGIN_RULES: readonly {
  readonly path: string;
  readonly message: string;
  readonly holds: (given: Given) => boolean;
}[] = [
  {
    path: 'MQTT_PASSWORD',
    message: 'is not set: the password, as POST /api/clients gave it',
    holds: ({ MQTT_PASSWORD, MQTT_CERT_FILE, MQTT_KEY_FILE }) =>
      [MQTT_PASSWORD, MQTT_CERT_FILE, MQTT_KEY_FILE].some((value) => value !== undefined),
  },
  {
    path: 'MQTT_CERT_FILE',
    message: 'is not set, but MQTT_KEY_FILE is',
    holds: ({ MQTT_CERT_FILE, MQTT_KEY_FILE }) => MQTT_KEY_FILE === undefined || MQTT_CERT_FILE !== undefined,
  },
  {
    path: 'MQTT_KEY_FILE',
    message: 'is not set, but MQTT_CERT_FILE is',
    holds: ({ MQTT_CERT_FILE, MQTT_KEY_FILE }) => MQTT_CERT_FILE === undefined || MQTT_KEY_FILE !== undefined,
  },
  {
    path: 'MQTT_TLS',
    message: 'must be true: a certificate is shown over TLS only',
    holds: ({ MQTT_CERT_FILE, MQTT_TLS }) => MQTT_CERT_FILE === undefined || MQTT_TLS === 'true',
  },
];

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
