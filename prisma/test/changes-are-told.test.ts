import { readFile } from 'node:fs/promises';
import { migrationNames } from '@infoscreen/prisma';
import { createEmptyDatabase } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';

const MIGRATION = '20261125180000_changes_are_told';
const sqlOf = (name: string) =>
  readFile(new URL(`../migrations/${name}/migration.sql`, import.meta.url), 'utf8');

describe('the migration that makes changes told', () => {
  it('lets whoever may write commands write what is told of them, from its commit on', async () => {
    const database = await createEmptyDatabase();
    const owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    try {
      const before = (await migrationNames()).filter((name) => name < MIGRATION);
      for (const name of before) await owner.query(await sqlOf(name));
      await owner.query('CREATE ROLE "changes-writer"; CREATE ROLE "changes-reader"');
      await owner.query(
        'GRANT SELECT, INSERT, UPDATE ON client_commands, clients, client_states TO "changes-writer"',
      );
      await owner.query('GRANT SELECT ON client_commands TO "changes-reader"');
      await owner.query(await sqlOf(MIGRATION));
      await owner.query('SET ROLE "changes-writer"');
      await owner.query('INSERT INTO clients (uuid) VALUES (gen_random_uuid())');
      const { rows } = await owner.query('SELECT kind FROM change_log');
      expect(rows).toEqual([{ kind: 'client' }]);
      await owner.query('SET ROLE "changes-reader"');
      await expect(owner.query('SELECT FROM change_log')).rejects.toThrow('permission denied');
    } finally {
      await owner.query('RESET ROLE; DROP OWNED BY "changes-writer", "changes-reader"');
      await owner.query('DROP ROLE "changes-writer", "changes-reader"');
      await owner.end();
      await database.drop();
    }
  });
});
