import { createHash, randomBytes } from 'node:crypto';

const RANDOM_BYTES = 32;

/** A new token in clear, to be shown once. @param prefix tells people and programs that look for secrets what it is */
export function makeTokenSecret(prefix: string): string {
  return `${prefix}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}

/** What is kept of it, hex: its 256 random bits need no slow hash, and no limit on guesses. */
export function hashOfToken(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}
