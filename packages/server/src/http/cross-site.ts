import type { Request } from 'express';
import { isWrite } from './define-route.ts';
import { ProblemError } from './problem-error.ts';

/**
 * Refuses a write that a browser sends for another site. Browsers tell it by `Sec-Fetch-Site` (over HTTPS and on
 * loopback), else by `Origin`; a caller with neither is no browser, and has no cookie that it was tricked into sending.
 * @throws ProblemError `cross_site_request`
 */
export function refuseCrossSite(req: Request): void {
  if (!isWrite(req.method)) return;
  const fetchSite = req.get('sec-fetch-site');
  if (fetchSite !== undefined) {
    if (fetchSite === 'same-origin' || fetchSite === 'none') return;
    throw new ProblemError('cross_site_request');
  }
  const origin = req.get('origin');
  if (origin !== undefined && hostOf(origin) !== req.host.toLowerCase())
    throw new ProblemError('cross_site_request');
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
