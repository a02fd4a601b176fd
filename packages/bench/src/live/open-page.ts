import { setTimeout as pause } from 'node:timers/promises';
import type { PagesOrder, Sighting } from './pages-order.ts';

/** The dashboard's own. */
const BATCH_MS = 20;
const RENEWAL_PAUSE_MS = 250;

/** Follows the stream, and asks anew for counts and crashed screens as the dashboard does. Resolves when the stream is open. */
export async function openPage(
  { serverUrl, cookies, probe }: PagesOrder,
  page: number,
  onSighting: (sighting: Sighting) => void,
): Promise<void> {
  const headers = { cookie: cookies[page % cookies.length] ?? '' };
  let isOld = false;
  let isRenewing = false;
  let isCrashed = false;
  const ask = async (path: string) => {
    const response = await fetch(`${serverUrl}${path}`, { headers });
    if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}`);
    return (await response.json()) as { items?: { uuid: string }[] };
  };
  const renew = async () => {
    isRenewing = true;
    await pause(BATCH_MS);
    while (isOld) {
      isOld = false;
      const nextAt = performance.now() + RENEWAL_PAUSE_MS;
      const [crashed] = await Promise.all([
        ask('/api/clients/crashed?limit=100'),
        ask('/api/clients/counts'),
      ]);
      const isNowCrashed = crashed.items?.some(({ uuid }) => uuid === probe) ?? false;
      if (isNowCrashed !== isCrashed) onSighting({ page, isCrashed: isNowCrashed, at: Date.now() });
      isCrashed = isNowCrashed;
      if (isOld) await pause(Math.max(0, nextAt - performance.now()));
    }
    isRenewing = false;
  };
  const response = await fetch(`${serverUrl}/api/events`, { headers });
  if (response.status !== 200 || response.body === null)
    throw new Error(`/api/events was answered with ${response.status}`);
  const stream = response.body.pipeThrough(new TextDecoderStream());
  void (async () => {
    for await (const text of stream) {
      if (!text.includes('data:')) continue;
      isOld = true;
      if (!isRenewing) void renew();
    }
  })();
}
