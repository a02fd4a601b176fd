import { createSecretSeal } from '@infoscreen/server';
import { describe, expect, it } from '@jest/globals';

const seal = createSecretSeal('a key that is only for this test, 1');

describe('a sealed secret', () => {
  it('is opened by the same key for the same purpose, and never looks the same twice', () => {
    const sealed = seal.seal('hunter2 ü', 'account a');
    expect(seal.open(sealed, 'account a')).toBe('hunter2 ü');
    expect(seal.seal('hunter2 ü', 'account a')).not.toBe(sealed);
    expect(sealed).not.toContain('hunter2');
  });

  it('is not opened with another key, for another purpose, or changed', () => {
    const sealed = seal.seal('hunter2', 'account a');
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => createSecretSeal('another key of the same length, 12').open(sealed, 'account a')).toThrow();
    expect(() => seal.open(sealed, 'account b')).toThrow();
    expect(() => seal.open(`v1.${bytes.toString('base64url')}`, 'account a')).toThrow();
    for (const text of ['', 'v1.', 'v2.abc', 'v1.AAAA']) expect(() => seal.open(text, 'account a')).toThrow();
  });

  it('has a fingerprint that only the key can compute', () => {
    expect(seal.fingerprint('x', 'p')).toBe(seal.fingerprint('x', 'p'));
    expect(seal.fingerprint('x', 'p')).not.toBe(seal.fingerprint('x', 'q'));
    expect(seal.fingerprint('x', 'p')).not.toBe(
      createSecretSeal('another key of the same length, 12').fingerprint('x', 'p'),
    );
  });
});
