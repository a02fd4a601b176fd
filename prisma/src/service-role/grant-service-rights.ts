import pg from 'pg';
import { SERVICE_FUNCTIONS, SERVICE_RIGHTS } from './service-rights.ts';

/** Sequences that fill columns of these tables. */
const SEQUENCES_OF = `
  SELECT s.relname AS name FROM pg_class s
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
  JOIN pg_class t ON t.oid = d.refobjid
  WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace AND t.relname = ANY ($1::text[])`;
const TABLES_AMONG = `
  SELECT relname AS name FROM pg_class
  WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname = ANY ($1::text[])`;

/**
 * Gives the role exactly the rights of `SERVICE_RIGHTS`, in one transaction, so that running services never lack one.
 * Tables that this version doesn't know are left as they are: a later version gave rights on them to its services.
 */
export async function grantServiceRights(owner: pg.Client, roleName: string): Promise<void> {
  const role = pg.escapeIdentifier(roleName);
  await owner.query('BEGIN');
  try {
    await openDatabase(owner, roleName);
    for (const [rights, names] of Object.entries(SERVICE_RIGHTS)) {
      const tables = await namesOf(owner, TABLES_AMONG, names);
      if (tables === '') continue;
      await owner.query(`REVOKE ALL ON TABLE ${tables} FROM ${role}`);
      await owner.query(`GRANT ${rights} ON TABLE ${tables} TO ${role}`);
      const sequences = await namesOf(owner, SEQUENCES_OF, names);
      if (sequences === '') continue;
      await owner.query(`REVOKE ALL ON SEQUENCE ${sequences} FROM ${role}`);
      if (rights.includes('INSERT')) await owner.query(`GRANT USAGE ON SEQUENCE ${sequences} TO ${role}`);
    }
    const functions = SERVICE_FUNCTIONS.map((name) => `public.${pg.escapeIdentifier(name)}`).join(', ');
    await owner.query(`GRANT EXECUTE ON FUNCTION ${functions} TO ${role}`);
    await owner.query('COMMIT');
  } catch (error) {
    await owner.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Usually everybody may connect and see the schema; where that was taken away, this role needs it said. */
async function openDatabase(owner: pg.Client, roleName: string): Promise<void> {
  const role = pg.escapeIdentifier(roleName);
  const { rows } = await owner.query<{ database: string; connects: boolean; sees: boolean }>(
    `SELECT current_database() AS database, has_database_privilege($1, current_database(), 'CONNECT') AS connects,
            has_schema_privilege($1, 'public', 'USAGE') AS sees`,
    [roleName],
  );
  const { database = '', connects, sees } = rows[0] ?? {};
  if (connects === false)
    await owner.query(`GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${role}`);
  if (sees === false) await owner.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
}

async function namesOf(owner: pg.Client, sql: string, names: readonly string[]): Promise<string> {
  const { rows } = await owner.query<{ name: string }>(sql, [names]);
  return rows.map(({ name }) => `public.${pg.escapeIdentifier(name)}`).join(', ');
}
