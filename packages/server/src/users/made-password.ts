import { randomBytes } from 'node:crypto';

/** A password for a person to type once: 120 random bits in five groups. */
export function madePassword(): string {
  const letters = randomBytes(15).toString('hex').slice(0, 30);
  return (letters.match(/.{6}/g) ?? [letters]).join('-');
}
