import { randomUUID } from 'node:crypto';
import { letServicesIn, migrate, SERVICE_FUNCTIONS, SERVICE_RIGHTS } from '@infoscreen/prisma';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

/** One statement on a connection of its own. */
async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

function as(database: TestDatabase, role: string, password: string): string {
  const url = new URL(database.ownerUrl);
  [url.username, url.password] = [role, encodeURIComponent(password)];
  return url.href;
}

describe('what the role of the services may do', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  const listed = Object.values(SERVICE_RIGHTS).flat();

  it('is decided for every table of the schema, by name', async () => {
    const rows = await database.asOwner<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')",
    );
    expect(listed.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
  });

  it('is what the list says, and no more', async () => {
    const rows = await database.asOwner<{ name: string; rights: string }>(
      `SELECT relname AS name, coalesce(string_agg(privilege_type, ', ' ORDER BY array_position(
                ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], privilege_type)), '') AS rights
       FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
         AND grantee = 'infoscreen_service'::regrole GROUP BY relname`,
    );
    const wanted = Object.entries(SERVICE_RIGHTS).flatMap(([rights, names]) =>
      names.map((name) => ({ name, rights })),
    );
    expect(rows).toHaveLength(wanted.length);
    expect(rows).toEqual(expect.arrayContaining(wanted));
  });

  it('has no column of its own in what it may write of the audit log', async () => {
    expect(
      await database.asOwner(
        "SELECT FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid = 'audit_log'::regclass",
      ),
    ).toEqual([]);
  });

  it('includes functions that run as the owner only where these are listed, closed to others and fixed in what they mean', async () => {
    const rows = await database.asOwner<{ name: string; is_open: boolean; settings: string[] }>(
      `SELECT proname AS name, has_function_privilege('public', oid, 'EXECUTE') AS is_open, proconfig AS settings
       FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef`,
    );
    expect(rows.map(({ name }) => name).toSorted()).toEqual([...SERVICE_FUNCTIONS].toSorted());
    for (const row of rows) {
      expect(row).toMatchObject({ is_open: false, settings: ['search_path=pg_catalog, pg_temp'] });
    }
  });

  it('owns nothing', async () => {
    const rows = await database.asOwner(
      `SELECT FROM pg_shdepend WHERE deptype = 'o' AND refobjid = 'infoscreen_service'::regrole`,
    );
    expect(rows).toEqual([]);
  });
});

describe('the step after the migrations', () => {
  let database: TestDatabase;
  const [owner, role] = [`owner_${randomUUID()}`, `services_${randomUUID()}`];
  const url = () => as(database, owner, 'owner');
  beforeAll(async () => {
    database = await createEmptyDatabase();
    await database.asOwner(`CREATE ROLE "${owner}" LOGIN CREATEROLE PASSWORD 'owner'`);
    await database.asOwner(`ALTER DATABASE ${database.name} OWNER TO "${owner}"`);
    await migrate({ url: url() });
  });
  afterAll(async () => {
    await database.asOwner(`REASSIGN OWNED BY "${owner}" TO CURRENT_USER`);
    await database.asOwner(`DROP OWNED BY "${owner}", "${role}"; DROP ROLE "${role}", "${owner}"`);
    await database.drop();
  });
  const attributes = async () =>
    database.asOwner<Record<string, unknown>>(
      `SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
              left(rolpassword, 14) AS kept FROM pg_authid WHERE rolname = $1`,
      [role],
    );

  it('makes the role, which can log in and nothing else, where the owner may', async () => {
    const serviceUrl = as(database, role, "first 'password'");
    expect(await letServicesIn({ url: url(), serviceUrl })).toBe('made');
    expect(await attributes()).toEqual([
      {
        rolcanlogin: true,
        rolsuper: false,
        rolcreatedb: false,
        rolcreaterole: false,
        rolreplication: false,
        rolbypassrls: false,
        kept: 'SCRAM-SHA-256$',
      },
    ]);
    expect((await query(serviceUrl, 'SELECT count(*)::int AS users FROM users')).rows).toEqual([
      { users: 0 },
    ]);
  });

  it('can be run again, and gives the role a changed password', async () => {
    const before = as(database, role, "first 'password'");
    expect(await letServicesIn({ url: url(), serviceUrl: before })).toBe('ready');
    const after = as(database, role, 'second');
    expect(await letServicesIn({ url: url(), serviceUrl: after })).toBe('password_set');
    await query(after, 'SELECT 1');
    await expect(query(before, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('takes back what somebody gave by hand', async () => {
    await query(url(), `GRANT ALL ON audit_log TO "${role}"`);
    await query(url(), `GRANT UPDATE (actor) ON audit_log TO "${role}"`);
    const serviceUrl = as(database, role, 'second');
    await letServicesIn({ url: url(), serviceUrl });
    for (const statement of ["UPDATE audit_log SET actor = ''", 'DELETE FROM audit_log']) {
      await expect(query(serviceUrl, statement)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('leaves a table that it does not know closed, and rights that another version gave', async () => {
    await query(url(), `CREATE TABLE unknown_table (id int); CREATE TABLE later_table (id int)`);
    await query(url(), `GRANT SELECT ON later_table TO "${role}"`);
    const serviceUrl = as(database, role, 'second');
    await letServicesIn({ url: url(), serviceUrl });
    await expect(query(serviceUrl, 'SELECT FROM unknown_table')).rejects.toMatchObject({ code: '42501' });
    await query(serviceUrl, 'SELECT FROM later_table');
  });

  it('needs the role to be there where the owner may not make it, and says so', async () => {
    await database.asOwner(`ALTER ROLE "${owner}" NOCREATEROLE`);
    const missing = as(database, 'nobody_yet', 'secret');
    await expect(letServicesIn({ url: url(), serviceUrl: missing })).rejects.toThrow(
      /^The role "nobody_yet" of DATABASE_URL doesn't exist, and "owner_.*" may not make it: .* CREATE ROLE "nobody_yet" LOGIN/,
    );
    expect(await letServicesIn({ url: url(), serviceUrl: as(database, role, 'second') })).toBe('ready');
  });

  it('has nothing to do where the services use the account of the owner', async () => {
    expect(await letServicesIn({ url: url(), serviceUrl: url() })).toBe('same_role');
  });

  it('refuses a password that programs would read in different ways', async () => {
    const serviceUrl = as(database, `other_${randomUUID()}`, 'pässword');
    await expect(letServicesIn({ url: database.ownerUrl, serviceUrl })).rejects.toThrow('printable ASCII');
  });
});
