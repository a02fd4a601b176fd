import { availableBrokers } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { runHttpFuzz } from '../src/fuzz/http/run-http-fuzz.ts';
import { runMessageFuzz } from '../src/fuzz/messages/run-message-fuzz.ts';

/** A short run is all warm-up, so that its memory says little; `npm run fuzz` measures it. */
const COMMON = { seed: 1, memoryBounds: { residentMegabytes: 250, heapMegabytes: 80 }, settlePauseMs: 50 };

describe('generated input, the short form of `npm run fuzz`', () => {
  it.each(availableBrokers())(
    'messages are stored, or refused with a row and a count, and harm nobody (%s)',
    async (broker) => {
      const report = await runMessageFuzz({ ...COMMON, broker, messages: 1000 });
      expect(report.problems).toEqual([]);
      expect(report.acknowledged).toBeGreaterThanOrEqual(1000);
      const refused = report.refusals.filter(({ rows }) => rows > 0).map(({ reason }) => reason);
      expect(refused).toEqual(
        expect.arrayContaining([
          'unknown_topic',
          'invalid_payload',
          'unknown_client',
          'unknown_command',
          'retained',
        ]),
      );
    },
    180_000,
  );

  it('requests are answered, and never with a server error', async () => {
    const report = await runHttpFuzz({ ...COMMON, requests: 1500, rawRequests: 40 });
    expect(report.problems).toEqual([]);
    expect(report.requests).toBe(1500);
    expect(report.succeeded).toBeGreaterThan(report.operations / 2);
  }, 180_000);
});
