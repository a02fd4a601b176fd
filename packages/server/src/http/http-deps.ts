import type { Database } from '@infoscreen/prisma';
import type { Logger } from '@infoscreen/service-kit';
import type { RequestHandler } from 'express';
import type { SecretSeal } from '../broker-accounts/secret-seal.ts';
import type { ReadAnswer } from './read-answer.ts';
import type { SessionUser } from './request-context.ts';
import type { StoredLogin } from './sessions.ts';

/** What the technical edge needs to carry any route. */
export interface HttpDeps {
  readonly pool: Database['pool'];
  readonly seal: SecretSeal;
  readonly logger: Logger;
  /** Reads that are the same for all who may read them. */
  readonly shareRead: (question: string, read: () => Promise<ReadAnswer>) => Promise<ReadAnswer>;
  /** Puts the session of the cookie on the request. */
  readonly loadSession: RequestHandler;
  /** The user of a session that is still good; null where it is over. */
  readonly findSessionUser: (login: StoredLogin, sid: string) => Promise<SessionUser | null>;
  /** The user of an API token that is still good; null where it isn't. */
  readonly findTokenUser: (token: {
    readonly secret: string;
    readonly ip: string;
  }) => Promise<SessionUser | null>;
}
