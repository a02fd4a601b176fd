import { startTcpProxy } from '@infoscreen/test-kit';
import type { BrowserFixture } from './browser-fixture.ts';

/** One address in front of several servers, as an installation with replicas has it. */
export interface Front {
  readonly url: string;
  /** The event that each connection to the stream of events asked to go on after; `null` where it asked for none. */
  readonly askedAfter: (string | null)[];
  /** New connections go to this server from now on; open ones are cut. */
  switchTo(replica: number): void;
  /** Nothing passes until `resume`. */
  stall(): void;
  resume(): void;
  stop(): Promise<void>;
}

export async function startFront({ fleet }: Pick<BrowserFixture, 'fleet'>): Promise<Front> {
  const portOf = (replica: number) => Number(new URL(fleet.of('server')[replica]?.url ?? '').port);
  const target = { host: '127.0.0.1', port: portOf(0) };
  const askedAfter: (string | null)[] = [];
  const proxy = await startTcpProxy({
    target,
    inspect: (piece, direction) => {
      const text = direction === 'to_target' ? piece.toString('latin1') : '';
      if (text.startsWith('GET /api/events '))
        askedAfter.push(/^last-event-id: (.*)\r$/im.exec(text)?.[1] ?? null);
      return 'pass';
    },
  });
  return {
    url: `http://${proxy.host}:${proxy.port}`,
    askedAfter,
    switchTo: (replica) => {
      target.port = portOf(replica);
      proxy.cut();
    },
    stall: () => proxy.stall(),
    resume: () => proxy.resume(),
    stop: () => proxy.stop(),
  };
}

/** Runs in the page, before the page does: notes when it asks for what, by `performance.now()`. */
export function watchRequests(): void {
  const asked: { path: string; at: number }[] = [];
  Object.assign(globalThis, { asked });
  const send = globalThis.fetch.bind(globalThis);
  globalThis.fetch = (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, location.href);
    asked.push({ path: pathname, at: performance.now() });
    return send(input, init);
  };
}
