/** Roles, weakest first: each may do what the ones before it may. */
export const ROLES = ['viewer', 'admin', 'superadmin'] as const;
export type Role = (typeof ROLES)[number];

export function hasRole(actual: Role, required: Role): boolean {
  return ROLES.indexOf(actual) >= ROLES.indexOf(required);
}
