import { createDatabase } from '@infoscreen/prisma';
import { ensureFirstSuperadmin } from '@infoscreen/server';
import { createTestDatabase } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { hasher } from './server-fixture.ts';

describe('the first superadmin', () => {
  it('is made once, however many replicas start at the same moment, with a good password, and never touched again', async () => {
    const testDatabase = await createTestDatabase();
    const database = createDatabase({ url: testDatabase.url, applicationName: 'first', poolSize: 8 });
    const make = (password: string) =>
      ensureFirstSuperadmin(
        { pool: database.pool, hasher },
        { username: 'admin', password, mustChangePassword: true },
      );
    await expect(make('Infoscreen2024')).rejects.toThrow(/^ADMIN_PASSWORD: is too easy to guess/);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => make('the first password')));
    await expect(make('Infoscreen2024')).resolves.toBe('users_exist');
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(await make('the second password')).toBe('users_exist');
    const users = await database.prisma.user.findMany();
    expect(users).toMatchObject([{ username: 'admin', role: 'superadmin', mustChangePassword: true }]);
    expect(await hasher.matches('the first password', users[0]?.passwordHash ?? '')).toBe(true);
    const entries = await database.prisma.auditEntry.findMany();
    expect(entries).toMatchObject([{ action: 'createFirstSuperadmin', target: 'admin', outcome: 'success' }]);
    await database.close();
    await testDatabase.drop();
  });
});
