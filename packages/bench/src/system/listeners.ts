import { eventually, type Fleet, scrapeMetrics } from '@infoscreen/test-kit';

export async function stopListeners(fleet: Fleet): Promise<void> {
  await Promise.all(fleet.of('listener').map((listener) => listener.process.stop()));
}

/** Resolves when they hold every lane again: until then, what comes is none of theirs. */
export async function restartListeners(fleet: Fleet): Promise<void> {
  for (const listener of fleet.of('listener')) await listener.restart();
  await untilLanesHeld(fleet);
}

export async function untilLanesHeld(fleet: Fleet): Promise<void> {
  const [lanes] = await fleet.database.asOwner<{ n: number }>(
    'SELECT count(*)::int AS n FROM listener_lanes',
  );
  await eventually(
    async () => {
      const held = await Promise.all(
        fleet.of('listener').map(async ({ url }) => (await scrapeMetrics(url)).sum('infoscreen_lanes_held')),
      );
      return held.reduce((sum, n) => sum + n, 0) === lanes?.n;
    },
    { deadlineMs: 60_000, intervalMs: 200, what: 'the listeners hold every lane' },
  );
}

/** Resolves when each lane has stored a canary, in every stream, that is younger than this call: what is sent now is read. */
export async function untilFlowing(fleet: Fleet): Promise<void> {
  const since = new Date();
  await eventually(
    async () => {
      const [row] = await fleet.database.asOwner<{ flowing: boolean }>(
        `SELECT bool_and(holder IS NOT NULL AND acks_stored_at > $1 AND telemetry_stored_at > $1) IS TRUE AS flowing
         FROM listener_lanes`,
        [since],
      );
      return row?.flowing === true;
    },
    { deadlineMs: 60_000, intervalMs: 200, what: 'every stream of every lane flows' },
  );
}
