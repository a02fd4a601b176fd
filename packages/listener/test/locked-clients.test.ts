import { describe, expect, it } from '@jest/globals';
import type { ClientTelemetry } from '../src/telemetry/client-telemetry.ts';
import { LockedClients } from '../src/telemetry/locked-clients.ts';
import { telemetryOf as telemetry } from './telemetry-of.ts';

describe('a client whose row somebody holds', () => {
  it('is tried again once, with all that it told meanwhile, the newest of each', async () => {
    const retried = await new Promise<ClientTelemetry>((resolve) => {
      const locked = new LockedClients({ retryAfterMs: 1, retry: resolve });
      locked.hold(telemetry('a', { processStatus: 'running', bootId: 'boot-1' }));
      expect(locked.join(telemetry('a', { receivedAtMs: 2, processStatus: 'crashed' }))).toBe(true);
      expect(locked.join(telemetry('b'))).toBe(false);
    });
    expect(retried).toMatchObject({ receivedAtMs: 2, processStatus: 'crashed', bootId: 'boot-1' });
  });

  it('is free once it is tried again', async () => {
    await new Promise<void>((resolve) => {
      const locked: LockedClients = new LockedClients({
        retryAfterMs: 1,
        retry: () => {
          expect(locked.join(telemetry('a'))).toBe(false);
          resolve();
        },
      });
      locked.hold(telemetry('a'));
    });
  });
});
