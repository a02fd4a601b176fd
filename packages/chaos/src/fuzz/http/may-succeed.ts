import { hasRole } from '@infoscreen/shared-types';
import type { Api, ApiOperation } from './api-operations.ts';
import type { FuzzRequest } from './fuzz-requests.ts';

/** Pages and probes that anybody may read, beside the operations of the document. */
const PUBLIC_PAGES = /^\/(api\/(docs(\/.*)?|openapi\.json)|healthz|readyz|metrics)?\/?$/;

/**
 * Whether the caller may succeed, by the document alone: with what the target really is, not with what it was made of, since
 * an odd segment can make it another operation, or none.
 */
export function maySucceed({ caller, headers, method, target }: FuzzRequest, { operations }: Api): boolean {
  const path = target.split(/[?#]/)[0] ?? '';
  if (method === 'OPTIONS' || (isRead(method) && PUBLIC_PAGES.test(path))) return true;
  // A cookie of its own takes the place of the session's, and so does a token, of which none is valid.
  const hasToken = /^bearer/i.test(headers['authorization'] ?? '');
  const isSomebody = caller !== 'nobody' && headers['cookie'] === undefined && !hasToken;
  return operations
    .filter((operation) => isAt(operation, method, path))
    .some(({ role }) => role === 'public' || (isSomebody && hasRole(caller, role)));
}

const isRead = (method: string) => method === 'GET' || method === 'HEAD';

function isAt(operation: ApiOperation, method: string, path: string): boolean {
  if (operation.method !== (method === 'HEAD' ? 'GET' : method)) return false;
  const wanted = operation.path.split('/');
  const segments = path.replace(/\/$/, '').split('/');
  return (
    wanted.length === segments.length &&
    wanted.every((segment, n) => (segment.startsWith('{') ? segments[n] !== '' : segment === segments[n]))
  );
}
