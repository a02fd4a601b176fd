import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateRules } from '@infoscreen/shared-types';
import { LOOPBACK } from '../machine/free-port.ts';
import { giveToServers } from '../machine/local-place.ts';
import type { BrokerDoors } from './mosquitto-config.ts';

/** For a broker with TLS; everything is PEM. */
export interface BrokerCertificates {
  readonly cert: string;
  readonly key: string;
  /** CA of `cert`, for whoever connects. */
  readonly ca: string;
  /** Where passwords are taken over TLS beside the broker's own port; that one takes TLS itself where `clients` is given. */
  readonly tlsPort?: number;
  /** Lets screens log in with a certificate, at a port of their own. */
  readonly clients?: { readonly ca: string; readonly revocations: string; readonly port: number };
}

/** Writes the files into `dir`, for the broker alone. @returns where it is to listen */
export function certificateDoors(
  dir: string,
  port: number,
  certificates: BrokerCertificates | undefined,
): BrokerDoors {
  const endpoint = (at: number) => `${at} ${LOOPBACK}`;
  if (certificates === undefined) return { kind: 'passwords', plain: endpoint(port) };
  const file = (name: string, content: string) => {
    const path = join(dir, name);
    writeFileSync(path, content, { mode: 0o600 });
    giveToServers(path);
    return path;
  };
  const server = {
    certfile: file('server.crt', certificates.cert),
    keyfile: file('server.key', certificates.key),
  };
  const { clients, tlsPort } = certificates;
  if (clients === undefined) {
    if (tlsPort === undefined) throw new Error('A broker with TLS needs a port for it: set tlsPort.');
    return { kind: 'passwords', plain: endpoint(port), tls: { ...server, endpoint: endpoint(tlsPort) } };
  }
  return {
    kind: 'certificates',
    server,
    passwords: endpoint(port),
    certificates: {
      endpoint: endpoint(clients.port),
      cafile: file('client-ca.crt', clients.ca),
      crlfile: file('crl.pem', clients.revocations),
      aclFile: file('screens.acl', certificateRules()),
    },
  };
}

/** Replaces the list of revoked certificates; the broker reads it at the next SIGHUP. */
export function writeRevocations(dir: string, revocations: string): void {
  writeFileSync(join(dir, 'crl.pem'), revocations);
}
