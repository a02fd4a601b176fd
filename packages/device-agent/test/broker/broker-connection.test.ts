import { describe, expect, it } from '@jest/globals';
import { SILENT_LOG } from '../../src/agent/agent-log.ts';
import { BrokerConnection } from '../../src/broker/broker-connection.ts';
import type { BrokerLink } from '../../src/broker/broker-link.ts';

const TRIES = 7;

describe('the connection to the broker', () => {
  it('backs off also when it is opened each time and cut at once, as by another screen of the same account', async () => {
    const openedAt: number[] = [];
    const shortLived: BrokerLink = {
      publish: async () => {},
      subscribe: async () => {},
      close: async () => {},
      cut: () => {},
      closed: Promise.resolve(),
    };
    await new Promise<void>((resolve) => {
      const connection = new BrokerConnection({
        open: async () => {
          openedAt.push(performance.now());
          if (openedAt.length === TRIES) {
            connection.stop();
            resolve();
          }
          return shortLived;
        },
        onOpen: async () => {},
        onClose: () => {},
        backoff: { baseMs: 10, maxMs: 60_000 },
        // The longest wait that the jitter allows.
        random: () => 0.999,
        now: () => 0,
        log: SILENT_LOG,
      });
      connection.start();
    });
    const waits = openedAt.slice(1).map((time, index) => time - (openedAt[index] ?? 0));
    expect(waits.at(-1)).toBeGreaterThan(300);
  });
});
