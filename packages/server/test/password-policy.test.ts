import { describe, expect, it } from '@jest/globals';
import { passwordWeakness } from '../src/auth/password-policy.ts';
import { madePassword } from '../src/users/made-password.ts';
import { addUser, logIn, PASSWORD, useServer } from './server-fixture.ts';

const WEAK: readonly (readonly [string, string])[] = [
  ['a common password with digits behind it', 'password1234'],
  ['… in another case', 'PassWord1234!'],
  ['… with digits and signs for letters', 'P@ssw0rd1234'],
  ['… with a year and signs', 'Password2024!!'],
  ['… twice', 'letmeinletmein'],
  ['… reversed', 'drowssap12345'],
  ['two of them', 'letmein1letmein2'],
  ['a month and a year', 'november2026!'],
  ['something that repeats itself', 'abcabcabcabc'],
  ['one character', 'xxxxxxxxxxxxxxxx'],
  ['a run of numbers', '123456789012'],
  ['a run of the keyboard', 'qwertyuiop12'],
  ['a run down the keyboard', '1qaz2wsx3edc'],
  ['another run of the keyboard', 'asdfghjkl;12'],
  ['a date', '12.12.2012.12'],
  ['the user name', 'anna.schmidt1'],
  ['part of the user name', 'schmidt-2024!'],
  ['the user name, disguised', '$chm1dt$chm1dt'],
  ['the name of the product', 'Infoscreen2024'],
];

describe('a password that somebody chooses', () => {
  it.each(WEAK)('is refused where it is %s', (_what, password) => {
    expect(password.length).toBeGreaterThanOrEqual(12);
    expect(passwordWeakness(password, 'anna.schmidt')).toMatch(
      /^is too easy to guess.*: choose one that nobody else has/,
    );
  });

  it.each([PASSWORD, 'my dog eats shoes', 'kX9#mQ2$vL7p', 'Tr0ub4dor&3xxx', 'the first password'])(
    'passes where nobody would guess it soon: %s',
    (password) => {
      expect(passwordWeakness(password, 'anna.schmidt')).toBeNull();
    },
  );

  it('passes where this system makes it', () => {
    for (let count = 0; count < 50; count += 1) expect(passwordWeakness(madePassword(), 'admin')).toBeNull();
  });

  it('says why, without the password itself', () => {
    const weakness = (password: string) => passwordWeakness(password, 'anna');
    expect(weakness('abcabcabcabc')).toContain('it repeats itself');
    expect(weakness('password1234')).toContain('a common password');
    expect(weakness('infoscreen12')).toContain('the name of the user or of the product');
    for (const [, password] of WEAK) expect(weakness(password) ?? '').not.toContain(password);
  });
});

describe('a weak password', () => {
  const server = useServer();
  const WEAK_PASSWORD = 'Password2024!!';
  const refusal = (path: string) => [
    400,
    {
      code: 'invalid_request',
      errors: [{ in: 'body', path, message: expect.stringMatching(/^is too easy to guess/) }],
    },
  ];

  it('is refused when it is changed to, and the old one stays', async () => {
    await addUser(server.database, { username: 'lazy', role: 'viewer' });
    const session = await logIn(server.api, 'lazy');
    const body = { current_password: PASSWORD, new_password: WEAK_PASSWORD };
    const { status, body: answer } = await session.post('/api/auth/change-password', { body });
    expect([status, answer]).toMatchObject(refusal('new_password'));
    await logIn(server.api, 'lazy');
  });

  it('is refused when a user is made with it', async () => {
    const body = { username: 'weak', role: 'viewer', password: WEAK_PASSWORD };
    const { status, body: answer } = await server.as('superadmin').post('/api/users', { body });
    expect([status, answer]).toMatchObject(refusal('password'));
    expect(await server.database.prisma.user.count({ where: { username: 'weak' } })).toBe(0);
  });
});
