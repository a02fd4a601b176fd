// The next one needs it to be there first.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509';

import type { CertificateRequest, IssuedCertificate, TestAuthority } from './test-authority.ts';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export async function makeTestAuthority(name: string): Promise<TestAuthority> {
  const keys = await generateKeys();
  const now = Date.now();
  const authority = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: [{ CN: [name] }],
    notBefore: new Date(now - 60 * DAY_MS),
    notAfter: new Date(now + DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  });
  return {
    cert: authority.toString('pem'),
    issue: (request) => issue({ authority, keys }, request),
    revocationList: async (revoked) => {
      const list = await X509CrlGenerator.create({
        issuer: authority.subject,
        thisUpdate: new Date(now - DAY_MS),
        nextUpdate: new Date(now + DAY_MS),
        entries: revoked.map(({ serialNumber }) => ({ serialNumber, revocationDate: new Date(now) })),
        signingAlgorithm: ALGORITHM,
        signingKey: keys.privateKey,
      });
      return PemConverter.encode(list.rawData, 'X509 CRL');
    },
  };
}

async function issue(
  { authority, keys }: { readonly authority: X509Certificate; readonly keys: webcrypto.CryptoKeyPair },
  { commonName, hosts = [], expiredDaysAgo = -1 }: CertificateRequest,
): Promise<IssuedCertificate> {
  const own = await generateKeys();
  const serialNumber = newSerialNumber();
  const notAfter = Date.now() - expiredDaysAgo * DAY_MS;
  const made = await X509CertificateGenerator.create({
    serialNumber,
    // Said outright to be text: the library takes one that begins with # for bytes.
    subject: [{ CN: [{ utf8String: commonName } as unknown as string] }],
    issuer: authority.subject,
    notBefore: new Date(notAfter - 30 * DAY_MS),
    notAfter: new Date(notAfter),
    signingAlgorithm: ALGORITHM,
    publicKey: own.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      await AuthorityKeyIdentifierExtension.create(authority, false),
      ...(hosts.length === 0 ? [] : [new SubjectAlternativeNameExtension(hosts.map(alternativeName))]),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
  return { cert: made.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY'), serialNumber };
}

function alternativeName(host: string) {
  return { type: /^[\d.]+$/.test(host) ? ('ip' as const) : ('dns' as const), value: host };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** Positive, as the standard wants it. */
function newSerialNumber(): string {
  return `01${randomBytes(12).toString('hex')}`;
}
