import { pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** As Mosquitto's dynamic-security plugin keeps it: PBKDF2 with SHA-512, base64. */
export interface PasswordHash {
  readonly password: string;
  readonly salt: string;
  readonly iterations: number;
}

/** What Mosquitto 2.0 uses: fit for long random secrets, which all of these are, not for passwords that people choose. */
const ITERATIONS = 101;
const SALT_BYTES = 12;
const HASH_BYTES = 64;

export function hashPassword(password: string): PasswordHash {
  const salt = randomBytes(SALT_BYTES);
  return {
    password: derive(password, salt, ITERATIONS).toString('base64'),
    salt: salt.toString('base64'),
    iterations: ITERATIONS,
  };
}

export function passwordMatches(
  hash: { readonly [Part in keyof PasswordHash]?: PasswordHash[Part] | undefined },
  password: string | Buffer,
): boolean {
  if (hash.password === undefined || hash.salt === undefined || hash.iterations === undefined) return false;
  const expected = Buffer.from(hash.password, 'base64');
  const actual = derive(password, Buffer.from(hash.salt, 'base64'), hash.iterations);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(password: string | Buffer, salt: Buffer, iterations: number): Buffer {
  return pbkdf2Sync(password, salt, iterations, HASH_BYTES, 'sha512');
}
