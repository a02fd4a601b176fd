import type { User } from '@infoscreen/prisma';
import type { Role, UserView } from '@infoscreen/shared-types';

/** A user as the API shows it. The role is one of the three by a CHECK of the table. */
export function userView(user: User): UserView {
  return {
    id: user.id,
    username: user.username,
    role: user.role as Role,
    disabled_at: user.disabledAt?.toISOString() ?? null,
    must_change_password: user.mustChangePassword,
    created_at: user.createdAt.toISOString(),
    last_login_at: user.lastLoginAt?.toISOString() ?? null,
  };
}
