import { freePort, writeRevocations } from '@infoscreen/local-stack';
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts';
import { createTestAuthority, type IssuedCertificate, type TestAuthority } from './test-authority.ts';

/** Every name and address that the certificate of a test's broker is for. */
export const BROKER_HOSTS = ['localhost', '127.0.0.1'];

/** A Mosquitto that takes passwords in clear on its own port, and over TLS beside it. */
export interface TlsBroker {
  readonly broker: TestBroker;
  readonly tlsPort: number;
  /** CA of its certificate. */
  readonly authority: TestAuthority;
}

/** @param certificate what it shows, of the authority that is handed in; a good one when left out */
export async function startTlsBroker(
  certificate: Partial<Parameters<TestAuthority['issue']>[0]> = {},
): Promise<TlsBroker> {
  const authority = await createTestAuthority();
  const { cert, key } = await authority.issue({
    commonName: 'a broker',
    hosts: BROKER_HOSTS,
    ...certificate,
  });
  const tlsPort = await freePort();
  const broker = await startTestBroker({
    kind: 'mosquitto',
    certificates: { cert, key, ca: authority.cert, tlsPort },
  });
  return { broker, tlsPort, authority };
}

/** A Mosquitto that takes passwords over TLS on its own port, and screens with certificates on another; nothing in clear. */
export interface CertificateBroker {
  readonly broker: TestBroker;
  readonly certificatePort: number;
  /** CA of the broker's certificate. */
  readonly authority: TestAuthority;
  /** CA of the screens'. */
  readonly screens: TestAuthority;
  /** Revokes these and no others, and has the broker read the list. */
  revoke(revoked: readonly IssuedCertificate[]): Promise<void>;
}

export async function startCertificateBroker(): Promise<CertificateBroker> {
  const authority = await createTestAuthority('CA of the broker');
  const screens = await createTestAuthority('CA of the screens');
  const { cert, key } = await authority.issue({ commonName: 'a broker', hosts: BROKER_HOSTS });
  const certificatePort = await freePort();
  const clients = {
    ca: screens.cert,
    revocations: await screens.revocationList([]),
    port: certificatePort,
  };
  const broker = await startTestBroker({
    kind: 'mosquitto',
    certificates: { cert, key, ca: authority.cert, clients },
  });
  return {
    broker,
    certificatePort,
    authority,
    screens,
    revoke: async (revoked) => {
      writeRevocations(broker.folder, await screens.revocationList(revoked));
      broker.reload();
    },
  };
}
