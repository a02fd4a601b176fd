import type { Database } from '@infoscreen/prisma';
import type { Logger } from '@infoscreen/service-kit';
import type { SecretSeal } from '../broker-accounts/secret-seal.ts';
import type { SessionUser } from './request-context.ts';
import type { StoredLogin } from './sessions.ts';

/** What the technical edge needs to carry any route. */
export interface HttpDeps {
  readonly pool: Database['pool'];
  readonly seal: SecretSeal;
  readonly logger: Logger;
  /** The user of a session that is still good; null where it is over. */
  readonly findSessionUser: (login: StoredLogin) => Promise<SessionUser | null>;
}
