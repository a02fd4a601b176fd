import type { Database, User } from '@infoscreen/prisma';
import type { UserView } from '@infoscreen/shared-types';
import { userView } from './user-view.ts';

/** Users by name, those behind `after`. */
export function listUsers(
  { prisma }: Pick<Database, 'prisma'>,
  { after, count }: { readonly after: string; readonly count: number },
): Promise<User[]> {
  return prisma.user.findMany({
    where: { username: { gt: after } },
    orderBy: { username: 'asc' },
    take: count,
  });
}

/** @throws where there is no such user: users are never deleted */
export async function readUser({ prisma }: Pick<Database, 'prisma'>, id: string): Promise<UserView> {
  return userView(await prisma.user.findUniqueOrThrow({ where: { id } }));
}
