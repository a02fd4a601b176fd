import { describe } from './api.mjs';
import { expect, NotMet } from './criteria.mjs';
import { until } from './polling.mjs';

const ACCOUNTS_APPLIED_WITHIN_MS = 30_000;

/** Clients that are made for the run, and deleted with it. */
export function createMadeClients(api) {
  const uuids = [];
  return {
    /** @returns `{uuid, password, applied}`: a client that no screen stands behind, and its broker account */
    async make(purpose) {
      const answer = await api.post('/api/clients', {
        hostname: `validate-restart-${purpose}`,
        description: 'Made by scripts/validate-restart, which deletes it at its end.',
      });
      expect(answer.status === 201, `POST /api/clients answered ${describe(answer)}`);
      const { client, mqtt } = answer.body;
      uuids.push(client.uuid);
      return { uuid: client.uuid, password: mqtt.password, applied: mqtt.applied };
    },
    /** Resolves when the broker has the account. */
    async untilApplied({ applied }) {
      if (applied) return;
      const done = await until(
        async () =>
          (await api.get('/api/monitoring/system')).body?.broker?.accounts_pending === 0 ? true : undefined,
        { withinMs: ACCOUNTS_APPLIED_WITHIN_MS, everyMs: 1000 },
      );
      if (!done) throw new NotMet('the broker has not taken the account of a new client');
    },
    /** @returns how many were deleted @throws NotMet naming those that are still there */
    async deleteAll() {
      const left = [];
      const count = uuids.length;
      for (const uuid of uuids.splice(0)) {
        const { status } = await api.delete(`/api/clients/${uuid}`);
        const gone = (await api.get(`/api/clients/${uuid}`)).status === 404;
        if (status >= 300 || !gone) left.push(`${uuid} (HTTP ${status})`);
      }
      expect(left.length === 0, `not deleted: ${left.join(', ')}`);
      return count;
    },
  };
}
