import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  hasRole,
  idempotencyKeySchema,
  newPasswordSchema,
  ROLES,
  updateUserBodySchema,
  usernameSchema,
} from '../../src/index.ts';

describe('a role', () => {
  it('may do what the weaker ones may, and nothing of the stronger ones', () => {
    const allowed = ROLES.map((actual) => ROLES.filter((required) => hasRole(actual, required)));
    expect(allowed).toEqual([['viewer'], ['viewer', 'admin'], ['viewer', 'admin', 'superadmin']]);
  });
});

describe('a new password', () => {
  const accepts = (password: string) => newPasswordSchema.safeParse(password).success;

  it('has 12 characters or more', () => {
    expect(accepts('a'.repeat(11))).toBe(false);
    expect(accepts('a'.repeat(12))).toBe(true);
  });

  it('has 72 bytes at most, whatever its characters are', () => {
    expect(accepts('a'.repeat(72))).toBe(true);
    expect(accepts('a'.repeat(73))).toBe(false);
    expect(accepts('é'.repeat(36))).toBe(true);
    expect(accepts('é'.repeat(37))).toBe(false);
  });

  it('is never cut in silence', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), (password) => {
        if (accepts(password)) expect(Buffer.byteLength(password)).toBeLessThanOrEqual(72);
      }),
    );
  });
});

describe('a user name', () => {
  it('is kept in lower case', () => {
    expect(usernameSchema.parse(' Anna.Berg@example ')).toBe('anna.berg@example');
  });

  it.each(['a', '.anna', 'an na', 'anna\n', 'änna', 'a'.repeat(64)].map((name) => [name]))(
    'is none: %j',
    (name) => {
      const parsed = usernameSchema.safeParse(name);
      expect(parsed.success && parsed.data === name).toBe(false);
    },
  );
});

describe('a change of a user', () => {
  it('changes something', () => {
    expect(updateUserBodySchema.safeParse({}).success).toBe(false);
    expect(updateUserBodySchema.safeParse({ disabled: false }).success).toBe(true);
  });
});

describe('an Idempotency-Key', () => {
  it('is the same with and without the quotes of a structured header', () => {
    expect(idempotencyKeySchema.parse('"abc"')).toBe(idempotencyKeySchema.parse('abc'));
  });
});
