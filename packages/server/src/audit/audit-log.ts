import { type Database, perPool, type Queryable, StatementBatches } from '@infoscreen/prisma';
import { cleanText } from '@infoscreen/shared-types';
import type { QueryConfig } from 'pg';

/** Who did or wanted what, from where, in which request. The time is the database's. */
export interface AuditSubject {
  /** User name; null where nobody is logged in. */
  readonly actor: string | null;
  readonly actorUserId: string | null;
  readonly action: string;
  readonly target: string | null;
  /** Both null where it came in no request. */
  readonly ip: string | null;
  readonly requestId: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

export interface WriteRecord extends AuditSubject {
  /** `unknown`: it failed in a way that doesn't tell whether it was done. */
  readonly outcome: 'success' | 'unknown';
  readonly statusCode: number;
  readonly errorCode: string | null;
}

export interface RefusalRecord extends AuditSubject {
  readonly statusCode: number;
  readonly errorCode: string;
}

// The services' role may write the audit log in no other way than by these functions of the schema.

const SUBJECT_TYPES = ['text', 'text', 'uuid', 'text', 'text', 'text', 'jsonb'];
const ENTRY_TYPES = [...SUBJECT_TYPES, 'text', 'int', 'text'];

/** Requests that come together are noted together, and recorded together: the commit is what costs time. */
const MAX_BATCH = 200;
const notesOf = perPool((pool) => callBatches<AuditSubject>(pool, 'note_write_begun', SUBJECT_TYPES, values));
const entriesOf = perPool((pool) => callBatches<WriteRecord>(pool, 'record_write', ENTRY_TYPES, entryValues));

/** Nothing but the calls is in the transaction, as `note_write_begun` asks for. */
function callBatches<Item>(
  pool: Database['pool'],
  name: string,
  types: readonly string[],
  read: (item: Item) => readonly unknown[],
): StatementBatches<Item, true> {
  return new StatementBatches({
    run: async (items) => {
      await pool.query(callForEach({ function: name, types }, items.map(read)));
      return items.map(() => true);
    },
    maxItems: MAX_BATCH,
  });
}

interface FunctionCall {
  readonly function: string;
  /** Of its arguments. */
  readonly types: readonly string[];
  /** Only of those rows whose last value, beyond the arguments, is the id of a command that is stored. */
  readonly ofStoredCommands?: boolean;
}

/** One statement that calls a function of the schema for each row of arguments. */
function callForEach(call: FunctionCall, rows: readonly (readonly unknown[])[]): QueryConfig {
  const { function: name, types, ofStoredCommands = false } = call;
  const all = ofStoredCommands ? [...types, 'uuid'] : types;
  const column = (_: unknown, index: number) => `v${index}`;
  const arrays = all.map((type, index) => `$${index + 1}::${type}[]`).join(', ');
  const condition = ofStoredCommands
    ? ` WHERE EXISTS (SELECT FROM client_commands k WHERE k.command_id = t.v${types.length})`
    : '';
  return {
    name: ofStoredCommands ? `${name}_of_stored_commands` : name,
    text: `SELECT ${name}(${types.map(column).join(', ')}) FROM unnest(${arrays}) AS t (${all.map(column).join(', ')})${condition}`,
    values: all.map((_, index) => rows.map((row) => row[index])),
  };
}

/**
 * Notes that a write is about to run. A note that no `recordWrite` or `recordRefusal` of the same request takes away within
 * a minute becomes an entry by itself.
 */
export async function noteWriteBegun(pool: Database['pool'], subject: AuditSubject): Promise<void> {
  await notesOf(pool).add(subject);
}

/** Records how a write ended, or a read that is worth an entry. */
export async function recordWrite(pool: Database['pool'], entry: WriteRecord): Promise<void> {
  await entriesOf(pool).add(entry);
}

/**
 * The same in the transaction that stores the command of each, so that there is one of them without the other at no moment. Of a
 * command that the transaction has not stored, nothing is recorded.
 */
export function recordWithCommands(
  rows: readonly { readonly commandId: string; readonly values: readonly unknown[] }[],
): QueryConfig {
  return callForEach(
    { function: 'record_write', types: ENTRY_TYPES, ofStoredCommands: true },
    rows.map(({ commandId, values: entry }) => [...entry, commandId]),
  );
}

/** The same within a transaction of the caller's. */
export async function recordWriteWithin(db: Queryable, entry: WriteRecord): Promise<void> {
  await db.query('SELECT record_write($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [...entryValues(entry)]);
}

/**
 * Records a refusal. Equal ones (source, action, target, code, token) within a minute of the database's clock are one row with
 * a count, so that somebody who tries without end fills no table.
 */
export async function recordRefusal(db: Queryable, entry: RefusalRecord): Promise<void> {
  await db.query('SELECT record_refusal($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    ...values(entry),
    entry.statusCode,
    entry.errorCode,
  ]);
}

export function entryValues(entry: WriteRecord): readonly unknown[] {
  return [...values(entry), entry.outcome, entry.statusCode, entry.errorCode];
}

function values(subject: AuditSubject): unknown[] {
  return [
    subject.requestId,
    subject.actor,
    subject.actorUserId,
    subject.action,
    subject.target === null ? null : cleanText(subject.target),
    subject.ip,
    subject.detail === null ? null : JSON.stringify(subject.detail),
  ];
}
