import { X509Certificate } from 'node:crypto';
import { createTestAuthority } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';

describe('a certificate authority of a test', () => {
  it('issues certificates that OpenSSL takes: signed by it, for their names, valid now or expired', async () => {
    const [authority, other] = [await createTestAuthority(), await createTestAuthority()];
    const issuer = new X509Certificate(authority.cert);
    const issued = await authority.issue({ commonName: 'a-broker', hosts: ['broker.test', '127.0.0.1'] });
    const certificate = new X509Certificate(issued.cert);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(other.cert).publicKey)).toBe(false);
    expect(certificate.checkHost('broker.test')).toBe('broker.test');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now());
    const old = new X509Certificate((await authority.issue({ commonName: 'old', expiredDaysAgo: 2 })).cert);
    expect(new Date(old.validTo).getTime()).toBeLessThan(Date.now());
  });
});
