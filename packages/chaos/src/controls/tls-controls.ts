import { table, written } from './broker-controls.ts';
import type { Control, ControlTest } from './control.ts';

const certificates = (name: string): ControlTest => ({
  file: 'packages/local-stack/test/broker/certificates.test.ts',
  name,
});
/** That both ends know whom they speak to, and what a certificate is good for. */
export const TLS_CONTROLS: readonly Control[] = [
  {
    id: 'broker-certificate-checked',
    file: 'packages/shared-types/src/mqtt/broker-security.ts',
    find: 'rejectUnauthorized: true',
    replace: 'rejectUnauthorized: false',
    test: {
      file: 'packages/service-kit/test/mqtt-tls.test.ts',
      name: 'is not made to a broker whose certificate is from another CA',
    },
  },
  {
    id: 'agent-checks-the-broker',
    file: 'packages/shared-types/src/mqtt/broker-security.ts',
    find: 'rejectUnauthorized: true',
    replace: 'rejectUnauthorized: false',
    test: { file: 'packages/local-stack/test/broker/agent-tls.test.ts', name: 'does not log in: %s' },
  },
  {
    id: 'certificate-is-no-account',
    file: 'packages/local-stack/src/broker/mosquitto-config.ts',
    find: "    'per_listener_settings true',\n",
    replace: '',
    test: certificates(
      'gives a certificate of the name %j nothing that anybody takes for a screen, a service or the admin',
    ),
  },
  {
    id: 'certificate-client-id',
    file: 'packages/local-stack/src/broker/mosquitto-config.ts',
    find: "    'use_username_as_clientid true',\n",
    replace: '',
    test: table('lets no screen take the client id of %s'),
  },
  {
    id: 'certificates-not-by-halves',
    file: 'mosquitto/entrypoint.sh',
    find: 'has crl.pem || refuse "$certificates/client-ca.crt is there without',
    replace: 'true || refuse "$certificates/client-ca.crt is there without',
    test: {
      file: 'packages/local-stack/test/broker/mosquitto-config.test.ts',
      name: 'with %j alone is refused, rather than offering less than was meant',
    },
  },
  {
    id: 'certificates-are-revoked',
    file: 'packages/local-stack/src/broker/mosquitto-config.ts',
    find: `    \`crlfile \${crlfile}\`,\n`,
    replace: '',
    test: certificates(
      'refuses a revoked certificate from the reload on, without a restart, while others stay connected',
    ),
  },
  {
    id: 'certificate-rules',
    file: 'packages/shared-types/src/broker/certificate-rules.ts',
    find: 'const { publish, receive } = deviceAccess(OWN_NAME);',
    replace: "const { publish, receive } = deviceAccess(OWN_NAME === '' ? '' : '+');",
    test: table(written),
  },
];
