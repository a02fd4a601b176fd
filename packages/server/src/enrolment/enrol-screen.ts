import { randomUUID } from 'node:crypto';
import { type Database, inTransaction, type Queryable } from '@infoscreen/prisma';
import type { enrolBodySchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { renewAccount } from '../broker-accounts/account-credentials.ts';
import type { SecretSeal } from '../broker-accounts/secret-seal.ts';
import { spendEnrolmentToken } from './enrolment-tokens.ts';

export interface EnrolDeps {
  readonly pool: Database['pool'];
  readonly seal: SecretSeal;
}

export interface EnrolledScreen {
  readonly outcome: 'enrolled';
  readonly uuid: string;
  readonly hostname: string | null;
  readonly group: string | null;
  readonly password: string;
  readonly tokenId: string;
}
export type EnrolResult =
  | EnrolledScreen
  | { readonly outcome: 'invalid_enrolment_token' | 'client_exists' | 'client_deleted' };

/** Ends the transaction, so that a use which enrolled nobody isn't counted. */
class UuidTaken extends Error {
  readonly outcome: 'client_exists' | 'client_deleted';
  constructor(outcome: 'client_exists' | 'client_deleted') {
    super(outcome);
    this.outcome = outcome;
  }
}

/**
 * Makes a client and its account for whoever has a token that still counts, in one transaction with the token's use.
 * What can never happen: more clients than uses, or an account for a UUID that somebody has or had. The token comes
 * first: whoever has none learns nothing about UUIDs.
 */
export async function enrolScreen(
  { pool, seal }: EnrolDeps,
  body: z.output<typeof enrolBodySchema>,
): Promise<EnrolResult> {
  try {
    return await inTransaction(pool, async (client): Promise<EnrolResult> => {
      const token = await spendEnrolmentToken(client, body.token);
      if (token === null) return { outcome: 'invalid_enrolment_token' };
      const { uuid, hostname } = await insertClient(client, body, token.group);
      const { password } = await renewAccount(client, { clientUuid: uuid, seal });
      return { outcome: 'enrolled', uuid, hostname, group: token.group, password, tokenId: token.id };
    });
  } catch (error) {
    if (error instanceof UuidTaken) return { outcome: error.outcome };
    throw error;
  }
}

async function insertClient(
  db: Queryable,
  body: z.output<typeof enrolBodySchema>,
  group: string | null,
): Promise<{ uuid: string; hostname: string | null }> {
  const uuid = body.uuid ?? randomUUID();
  const { rows } = await db.query<{ uuid: string; hostname: string | null }>(
    `INSERT INTO clients (uuid, hostname, model, os_version, app_version, "group")
     VALUES ($1, nullif($2, ''), nullif($3, ''), nullif($4, ''), nullif($5, ''), $6)
     ON CONFLICT DO NOTHING RETURNING uuid, hostname`,
    [
      uuid,
      body.hostname ?? null,
      body.model ?? null,
      body.os_version ?? null,
      body.app_version ?? null,
      group,
    ],
  );
  if (rows[0] !== undefined) return rows[0];
  const { rows: known } = await db.query<{ deleted: boolean }>(
    'SELECT deleted_at IS NOT NULL AS deleted FROM clients WHERE uuid = $1',
    [uuid],
  );
  throw new UuidTaken(known[0]?.deleted === true ? 'client_deleted' : 'client_exists');
}
