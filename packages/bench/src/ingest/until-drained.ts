import { eventually, type Fleet, scrapeMetrics } from '@infoscreen/test-kit';

export interface ReceivedCount {
  readonly received: number;
  readonly waiting: number;
}

/** Telemetry that the listeners have taken since their start, and clients of which some isn't stored yet. */
export async function receivedTelemetry(fleet: Fleet): Promise<ReceivedCount> {
  const counts = await Promise.all(
    fleet.of('listener').map(async ({ url }) => {
      const scrape = await scrapeMetrics(url);
      const received = scrape.by('infoscreen_messages_received_total', 'stream').get('telemetry') ?? 0;
      return { received, waiting: scrape.sum('infoscreen_telemetry_waiting_clients') };
    }),
  );
  return {
    received: counts.reduce((sum, { received }) => sum + received, 0),
    waiting: counts.reduce((sum, { waiting }) => sum + waiting, 0),
  };
}

/** @returns when the listeners had taken and stored `messages` more than at `before`, milliseconds since the epoch */
export async function untilDrained(
  fleet: Fleet,
  before: ReceivedCount,
  { messages, deadlineMs }: { readonly messages: number; readonly deadlineMs: number },
): Promise<number> {
  let now = before;
  await eventually(
    async () => {
      now = await receivedTelemetry(fleet);
      return now.received - before.received >= messages && now.waiting === 0;
    },
    {
      deadlineMs,
      what: () => `${messages} messages are stored; ${now.received - before.received} were taken`,
    },
  );
  return Date.now();
}
