import { COMMAND_TOPIC_SUFFIXES, TOPIC_ROOT } from '@infoscreen/shared-types';
import { FIRST_ADMIN, type Fleet, type FleetOptions } from '@infoscreen/test-kit';
import { clientUuids } from '../load/client-uuids.ts';
import { startScreens } from '../load/screens.ts';
import type { BenchContext } from '../run/benchmark.ts';
import { startBenchFleet } from './bench-fleet.ts';
import { logInForCookie } from './log-in-for-cookie.ts';
import { seedClients } from './seed-clients.ts';

export interface CommandFleet {
  readonly fleet: Fleet;
  readonly uuids: readonly string[];
  /** Of an admin's session, for the header of a request. */
  readonly cookie: string;
  /** An account for messages between two connections of a limit. */
  readonly account: { readonly username: string; readonly password: string };
}

/** A limit that each command counts for and none reaches: the lock and the count run as always. */
const MANY_COMMANDS = '1000';

/** The real services, and screens that do what they are told. */
export async function startCommandFleet(
  context: BenchContext,
  { screens, ...options }: { readonly screens: number } & FleetOptions,
): Promise<CommandFleet> {
  const { fleet } = await startBenchFleet(context, {
    ...options,
    settings: { LOCKOUT_MAX_COMMANDS: MANY_COMMANDS, ...options.settings },
  });
  const uuids = clientUuids(screens);
  await seedClients(fleet.database, uuids);
  const account = await fleet.broker.addAccount({
    username: 'screens',
    access: {
      publish: [`${TOPIC_ROOT}/#`, 'floor/#'],
      subscribe: [`${TOPIC_ROOT}/+/${COMMAND_TOPIC_SUFFIXES.command}`, 'floor/#'],
      receive: [`${TOPIC_ROOT}/#`, 'floor/#'],
    },
  });
  const { host, port } = fleet.broker;
  context.atEnd(await startScreens({ host, port, ...account }));
  const cookie = await logInForCookie(fleet.of('server')[0]?.url ?? '', FIRST_ADMIN);
  return { fleet, uuids, account, cookie };
}
