import type { SessionUser } from '../http/request-context.ts';

type Detail = Readonly<Record<string, unknown>> | null;

/** What the audit log keeps of a call beside its user: the note of its route, and the token that called. */
export function withTokenNote(user: SessionUser | null, detail: Detail): Detail {
  const token = user?.token ?? null;
  return token === null ? detail : { ...detail, token };
}
