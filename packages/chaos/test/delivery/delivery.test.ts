import { eventually, mosquittoAvailable, type ServiceProcess } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DeliveryBench, type ListenerKind, startDeliveryBench } from './delivery-bench.ts';

const LISTENER: ListenerKind = { entry: 'packages/listener/dist/main.js', env: {} };
const twin = (mistake: string): ListenerKind => ({
  entry: 'packages/test-kit/dist/twins/naive-listener-main.js',
  env: { NAIVE_LISTENER: mistake },
});
/** So many at least are in the hands of the replicas when one of them dies. */
const DELIVERED = 20;

const suite = mosquittoAvailable() ? describe : describe.skip;
let bench: DeliveryBench;

function withReplicasOf(kind: ListenerKind) {
  beforeEach(async () => {
    bench = await startDeliveryBench(kind);
  }, 60_000);
  afterEach(() => bench.stop(), 60_000);
}

/** Both replicas work, and lose nothing as long as nothing breaks: whatever is lost later, the fault has lost. */
async function startReplicas(): Promise<ServiceProcess> {
  const first = await bench.startReplica('a');
  await bench.startReplica('b');
  await bench.untilFlowing();
  await bench.sayAll();
  await losesNothing();
  return first;
}

/** A replica is killed while the database stands still: it was given messages, and none of them is committed. */
async function killWithMessagesInHand(): Promise<void> {
  const first = await startReplicas();
  bench.stallDatabase();
  await bench.sayAll();
  await bench.untilDelivered(DELIVERED);
  await first.kill('SIGKILL');
  bench.resumeDatabase();
  await bench.startReplica('a');
}

/** The broker is stopped and started in order, with messages before and right after it. */
async function restartTheBroker(): Promise<void> {
  await startReplicas();
  bench.stallDatabase();
  await bench.sayAll();
  await bench.broker.restart();
  await bench.sayAll();
  bench.resumeDatabase();
}

const losesNothing = () =>
  eventually(async () => (await bench.losses()).length === 0, {
    deadlineMs: 60_000,
    what: 'the broker took it, and it is stored',
  });

suite('of what the broker has taken', () => {
  describe('the listener', () => {
    withReplicasOf(LISTENER);
    it('loses nothing when a replica is killed with messages in hand', async () => {
      await killWithMessagesInHand();
      await losesNothing();
    }, 120_000);
    it('loses nothing when the broker is restarted in order', async () => {
      await restartTheBroker();
      await losesNothing();
    }, 120_000);
  });

  describe('a listener that acknowledges before its commit', () => {
    withReplicasOf(twin('acknowledge_before_commit'));
    it('is caught: it loses some when it is killed with messages in hand', async () => {
      await killWithMessagesInHand();
      expect(await bench.lossesWhenQuiet()).not.toEqual([]);
    }, 120_000);
  });

  describe('a listener that shares by a group of the broker', () => {
    withReplicasOf(twin('share_group'));
    it('is caught: it loses some when a replica is killed with messages in hand', async () => {
      await killWithMessagesInHand();
      expect(await bench.lossesWhenQuiet()).not.toEqual([]);
    }, 120_000);
    it('is caught: it loses some when the broker is restarted in order', async () => {
      await restartTheBroker();
      expect(await bench.lossesWhenQuiet()).not.toEqual([]);
    }, 120_000);
  });
});
