import { eventually, type Fleet } from '@infoscreen/test-kit';

export async function stopListeners(fleet: Fleet): Promise<void> {
  await Promise.all(fleet.of('listener').map((listener) => listener.process.stop()));
}

/** Resolves when they read and store again: until they hold every lane, what comes is none of theirs. */
export async function restartListeners(fleet: Fleet): Promise<void> {
  for (const listener of fleet.of('listener')) await listener.restart();
  await untilFlowing(fleet);
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
