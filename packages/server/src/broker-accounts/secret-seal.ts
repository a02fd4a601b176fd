import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what must not lie in clear in the database, with a key that is not in the database. */
export interface SecretSeal {
  /** @param purpose bound to the result: a sealed text that is moved to another row can't be opened there */
  seal(text: string, purpose: string): string;
  /** @throws where key, purpose or text are not those of `seal` */
  open(sealed: string, purpose: string): string;
  /** A keyed fingerprint (hex), for comparing what must not be guessed offline. */
  fingerprint(text: string, purpose: string): string;
}

/** AES-256-GCM; both keys are derived from `credentialsKey` (HKDF-SHA-256). */
export function createSecretSeal(credentialsKey: string): SecretSeal {
  const derive = (use: string) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(credentialsKey, 'utf8'), 'infoscreen', use, 32));
  const sealKey = derive('seal');
  const fingerprintKey = derive('fingerprint');
  return {
    seal: (text, purpose) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, sealKey, iv).setAAD(Buffer.from(purpose, 'utf8'));
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${FORMAT}.${Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64url')}`;
    },
    open: (sealed, purpose) => {
      const [format, encoded = ''] = sealed.split('.');
      const bytes = Buffer.from(encoded, 'base64url');
      if (format !== FORMAT || bytes.length < IV_BYTES + TAG_BYTES)
        throw new Error('this is no sealed secret');
      const decipher = createDecipheriv(ALGORITHM, sealKey, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(purpose, 'utf8'))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([
        decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString('utf8');
    },
    fingerprint: (text, purpose) =>
      createHmac('sha256', fingerprintKey).update(`${purpose}\n`).update(text).digest('hex'),
  };
}
