import pg from 'pg';
import { scramVerifier } from './scram-verifier.ts';

const CONNECT_MS = 5000;
const WRONG_PASSWORD = '28P01';
/** Another database of the same server was migrated in the same moment. */
const IS_THERE_ALREADY = new Set(['42710', '23505']);

export type ServiceRoleOutcome = 'made' | 'password_set' | 'ready';

/**
 * Makes sure that the role of the services is there and has the password of their URL, as far as the owner may: without
 * the right to make roles, it has to be there already.
 * @throws a sentence that says what to do
 */
export async function ensureServiceRole(owner: pg.Client, serviceUrl: string): Promise<ServiceRoleOutcome> {
  const { role, password } = accountOf(serviceUrl);
  const { rows } = await owner.query<{ is_there: boolean; may_make: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS is_there,
            (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_make`,
    [role],
  );
  const mayMake = rows[0]?.may_make === true;
  if (rows[0]?.is_there === true) {
    if (!mayMake || password === '' || !(await isPasswordRefused(serviceUrl))) return 'ready';
    await owner.query(
      `ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`,
    );
    return 'password_set';
  }
  if (!mayMake) {
    throw new Error(
      `The role "${role}" of DATABASE_URL doesn't exist, and "${owner.user}" may not make it: let an administrator of the database run CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN, with the password of DATABASE_URL, then run this again.`,
    );
  }
  return make(owner, role, password);
}

/** User and password of a connection URL, as the driver reads them. */
export function accountOf(url: string): { readonly role: string; readonly password: string } {
  const { user, password } = new pg.Client({ connectionString: url });
  return { role: user ?? '', password: password ?? '' };
}

async function make(owner: pg.Client, role: string, password: string): Promise<ServiceRoleOutcome> {
  const secret = password === '' ? '' : ` PASSWORD ${pg.escapeLiteral(scramVerifier(password))}`;
  try {
    await owner.query(
      `CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS${secret}`,
    );
    return 'made';
  } catch (error) {
    if (IS_THERE_ALREADY.has(String((error as { code?: unknown }).code))) return 'ready';
    throw error;
  }
}

/** Whether a service would be turned away. What else keeps it from connecting is no matter of its password. */
async function isPasswordRefused(serviceUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: serviceUrl, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === WRONG_PASSWORD;
  } finally {
    await client.end().catch(() => {});
  }
}
