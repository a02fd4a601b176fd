import {
  accountAdminAccess,
  deviceAccess,
  listenerAccess,
  schedulerAccess,
  serverAccess,
  serviceAccess,
  type TopicAccess,
  watchAccess,
} from '@infoscreen/shared-types';
import type { CertificateBroker, Credentials, MqttConnectionOptions, TestBroker } from '@infoscreen/test-kit';
import type { Account } from './access-table.ts';

export interface ScreenUuids {
  readonly screen: string;
  readonly other: string;
}

/** What each account logs in with: the screens with a certificate where the broker is one for that. */
export async function makeLogins(
  broker: TestBroker,
  certified: CertificateBroker | undefined,
  uuids: ScreenUuids,
): Promise<Readonly<Record<Account, Login>>> {
  return {
    ...(await makeServiceAccounts(broker)),
    ...(certified === undefined
      ? await makeScreenAccounts(broker, uuids)
      : await issueCertificates(certified, uuids)),
  };
}

export function clientIdOf(account: Account, uuids: ScreenUuids): string {
  if (account === 'screen') return uuids.screen;
  return account === 'other_screen' ? uuids.other : `of-${account}`;
}

type Login = Partial<Credentials> & Partial<Pick<MqttConnectionOptions, 'port' | 'tls'>>;
type Screen = 'screen' | 'other_screen';

async function makeServiceAccounts(broker: TestBroker): Promise<Record<Exclude<Account, Screen>, Login>> {
  const add = (username: string, access: TopicAccess) => broker.addAccount({ username, access });
  return {
    server: await add('server', serverAccess()),
    listener: await add('listener', listenerAccess()),
    scheduler: await add('scheduler', schedulerAccess()),
    one: await add('one', serviceAccess()),
    watch: await add('watch', watchAccess()),
    admin: await add('admin', accountAdminAccess()),
  };
}

async function makeScreenAccounts(
  broker: TestBroker,
  { screen, other }: ScreenUuids,
): Promise<Record<Screen, Login>> {
  return {
    screen: await broker.addAccount({ username: screen, clientId: screen, access: deviceAccess(screen) }),
    other_screen: await broker.addAccount({ username: other, clientId: other, access: deviceAccess(other) }),
  };
}

async function issueCertificates(
  { certificatePort, authority, screens }: CertificateBroker,
  { screen, other }: ScreenUuids,
): Promise<Record<Screen, Login>> {
  const login = async (commonName: string): Promise<Login> => {
    const { cert, key } = await screens.issue({ commonName });
    return { port: certificatePort, tls: { ca: authority.cert, cert, key } };
  };
  return { screen: await login(screen), other_screen: await login(other) };
}
