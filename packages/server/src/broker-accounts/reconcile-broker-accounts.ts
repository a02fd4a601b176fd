import type { Queryable } from '@infoscreen/prisma';
import type { Logger } from '@infoscreen/service-kit';
import { DEFAULT_ACL_ACCESS } from '@infoscreen/shared-types';
import {
  askAll,
  type BrokerState,
  readAccountsAtBroker,
  readBrokerState,
  readDefaultAccess,
} from './broker-state.ts';
import type { ControlChannel } from './control-channel.ts';
import {
  type AccountRow,
  desiredDevice,
  desiredServices,
  readAccountRows,
  type ServiceLogin,
} from './desired-accounts.ts';
import {
  type AccountPlan,
  deviceRoleName,
  planAccount,
  planRemoval,
  planServiceRemovals,
  unknownDevices,
} from './plan-accounts.ts';
import type { SecretSeal } from './secret-seal.ts';

/** Accounts that are brought to the broker in one message. */
const BATCH_SIZE = 25;
/** Pending accounts of one run; the next run takes the next ones. */
const PENDING_LIMIT = 500;

export interface ReconcileDeps {
  readonly db: Queryable;
  readonly control: ControlChannel;
  readonly seal: SecretSeal;
  /** The accounts of the services; the first one is `MQTT_USER`, which is there in any case. */
  readonly services: readonly ServiceLogin[];
  /** Publishes an empty retained presence for a deleted screen, so that nobody is told of it any more. */
  readonly clearPresence: (clientUuid: string) => Promise<void>;
  readonly logger: Logger;
}

export interface ReconcileCounts extends Record<string, number> {
  /** Accounts that were brought to their desired state, and those with which that failed. */
  applied: number;
  failed: number;
  /** Accounts or roles of screens that nobody wants, removed. */
  removed: number;
}

/**
 * Brings the broker to the state that the database wants. Enters: any state of the broker, an emptied one too; leaves:
 * every account, role and rule as wanted, those of the services too, or the row's `last_error` saying why not. A run that ends in between is
 * finished by the next one. What can never happen: an account at the broker of a client that the database doesn't
 * know or has deleted, once a full run has ended.
 * The caller holds the lock of the accounts. The broker is read before the database is: what is at the broker then and
 * not in the database is truly unknown, because nothing else adds accounts meanwhile.
 * @param scope `full` compares everything, `pending` only what the database says the broker has not taken yet
 */
export async function reconcileBrokerAccounts(
  deps: ReconcileDeps,
  scope: 'full' | 'pending',
): Promise<ReconcileCounts> {
  const counts: ReconcileCounts = { applied: 0, failed: 0, removed: 0 };
  if (scope === 'pending') {
    const rows = await readAccountRows(deps.db, 'pending', PENDING_LIMIT);
    for (const batch of batches(rows)) {
      const named = batch.map(({ client_uuid: uuid }) => ({
        username: uuid,
        rolename: deviceRoleName(uuid),
      }));
      await applyRows(deps, batch, { state: await readAccountsAtBroker(deps.control, named), counts });
    }
    return counts;
  }
  await setDefaultAccess(deps.control);
  const state = await readBrokerState(deps.control);
  await applyServices(deps, state);
  const rows = await readAccountRows(deps.db, 'all', null);
  for (const batch of batches(rows)) await applyRows(deps, batch, { state, counts });
  await removeUnknown(deps, { state, rows, counts });
  return counts;
}

async function applyServices({ control, services, seal, logger }: ReconcileDeps, state: BrokerState) {
  const wanted = desiredServices(services, seal);
  for (const { username, commands } of wanted.map((account) => planAccount(account, state))) {
    if (commands.length === 0) continue;
    await askAll(control, commands);
    logger.info('broker account of the services written', { username });
  }
  const removals = planServiceRemovals(state, wanted);
  if (removals.length === 0) return;
  await askAll(
    control,
    removals.flatMap(({ commands }) => commands),
  );
  logger.warn('broker accounts that no service has any more removed', {
    names: removals.map(({ username }) => username),
  });
}

async function setDefaultAccess(control: ControlChannel): Promise<void> {
  const actual = await readDefaultAccess(control);
  const wanted = Object.entries(DEFAULT_ACL_ACCESS);
  if (wanted.every(([acltype, allow]) => actual.get(acltype) === allow)) return;
  await askAll(control, [
    { command: 'setDefaultACLAccess', acls: wanted.map(([acltype, allow]) => ({ acltype, allow })) },
  ]);
}

interface Run {
  readonly state: BrokerState;
  readonly counts: ReconcileCounts;
}

async function applyRows(
  deps: ReconcileDeps,
  rows: readonly AccountRow[],
  { state, counts }: Run,
): Promise<void> {
  const errors = new Map<string, string>();
  const plans = rows.map((row) => planRow(row, { deps, state, errors }));
  for (const [username, error] of await sendPlans(deps.control, plans)) errors.set(username, error);
  for (const row of rows) {
    const uuid = row.client_uuid;
    const isNew = row.applied_version !== row.version || isSuspensionNew(row);
    if (row.desired === 'absent' && isNew && !errors.has(uuid)) {
      await deps
        .clearPresence(uuid)
        .catch((error: unknown) => errors.set(uuid, `presence not cleared: ${String(error)}`));
    }
    const error = errors.get(uuid);
    const isChanged = isNew || plans.some((plan) => plan.username === uuid && plan.commands.length > 0);
    if (error !== undefined) counts.failed += 1;
    else if (isChanged) counts.applied += 1;
    if (error !== undefined || isChanged) await markRow(deps.db, row, error ?? null);
    if (error !== undefined)
      deps.logger.warn('broker account not applied, trying again', { client_uuid: uuid, reason: error });
  }
}

function planRow(
  row: AccountRow,
  { deps, state, errors }: { deps: ReconcileDeps; state: BrokerState; errors: Map<string, string> },
): AccountPlan {
  try {
    return row.desired === 'present'
      ? planAccount(desiredDevice(row, deps.seal), state)
      : planRemoval(row.client_uuid, state);
  } catch (error) {
    errors.set(row.client_uuid, error instanceof Error ? error.message : String(error));
    return { username: row.client_uuid, commands: [] };
  }
}

/** @returns the accounts with which something went wrong, and what */
async function sendPlans(
  control: ControlChannel,
  plans: readonly AccountPlan[],
): Promise<Map<string, string>> {
  const sent = plans.flatMap(({ username, commands }) => commands.map((command) => ({ username, command })));
  const errors = new Map<string, string>();
  if (sent.length === 0) return errors;
  const responses = await control.ask(sent.map(({ command }) => command));
  for (const [index, { error }] of responses.entries()) {
    const { username, command } = sent[index] ?? {};
    if (error !== undefined && username !== undefined) errors.set(username, `${command?.command}: ${error}`);
  }
  return errors;
}

/** Whether its suspension began, or is over, since the broker was last told. */
function isSuspensionNew(row: AccountRow): boolean {
  return row.suspended_until !== null && (!row.suspended_applied || !row.is_suspended);
}

/** A row that was changed meanwhile keeps its newer version, or its later suspension, pending. */
async function markRow(
  db: Queryable,
  { client_uuid: uuid, version, suspended_until: until, is_suspended: isSuspended }: AccountRow,
  error: string | null,
): Promise<void> {
  await db.query(
    `UPDATE broker_accounts SET last_error = $3,
       applied_version = CASE WHEN $3::text IS NULL THEN $2 ELSE applied_version END,
       applied_at = CASE WHEN $3::text IS NULL THEN now() ELSE applied_at END,
       suspended_applied = CASE WHEN $3::text IS NOT NULL THEN suspended_applied
         ELSE $5 AND suspended_until IS NOT DISTINCT FROM $4::timestamptz END,
       suspended_until = CASE WHEN $3::text IS NULL AND NOT $5 AND suspended_until = $4::timestamptz THEN NULL
         ELSE suspended_until END
     WHERE client_uuid = $1`,
    [uuid, version, error?.slice(0, 500) ?? null, until, isSuspended],
  );
}

async function removeUnknown(
  { control, logger }: ReconcileDeps,
  { state, rows, counts }: Run & { readonly rows: readonly AccountRow[] },
): Promise<void> {
  const unknown = unknownDevices(state, new Set(rows.map((row) => row.client_uuid)));
  for (const batch of batches(unknown)) {
    const errors = await sendPlans(
      control,
      batch.map((username) => planRemoval(username, state)),
    );
    counts.removed += batch.length - errors.size;
    logger.warn('broker accounts of unknown screens removed', {
      usernames: batch,
      errors: [...errors.values()],
    });
  }
}

function batches<Item>(items: readonly Item[]): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH_SIZE) }, (_, index) =>
    items.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
  );
}
