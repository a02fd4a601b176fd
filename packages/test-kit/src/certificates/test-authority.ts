/** A certificate with its private key, both PEM. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
  readonly serialNumber: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Host names and addresses that it is for. */
  readonly hosts?: readonly string[];
  /** Its last day was so many days ago, instead of tomorrow. */
  readonly expiredDaysAgo?: number;
}

/** A certificate authority of the test's own, with keys that exist in memory only. */
export interface TestAuthority {
  /** Its own certificate, PEM. */
  readonly cert: string;
  issue(request: CertificateRequest): Promise<IssuedCertificate>;
  /** A revocation list with these certificates on it, PEM. */
  revocationList(revoked: readonly IssuedCertificate[]): Promise<string>;
}

/** The library is loaded only by the tests that need it: it takes a moment, and changes the global `Reflect`. */
export async function createTestAuthority(name = 'CA of a test'): Promise<TestAuthority> {
  const { makeTestAuthority } = await import('./make-test-authority.ts');
  return makeTestAuthority(name);
}
