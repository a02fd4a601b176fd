/** What a page noted, by its own clock, in milliseconds. */
export interface StepWatch {
  /** When each step was in the document first, by `command server-time`. */
  readonly shown: Record<string, number>;
  /** Each time that the stream told of a screen or of a command, with the ids of both. */
  readonly told: { readonly ids: readonly string[]; readonly at: number }[];
  /** How often the stream broke. */
  breaks: number;
  /** How many intervals were taken away. */
  refusedIntervals: number;
}

/**
 * Runs in the page, before the page does. Notes when a command's steps are in the document and when the stream tells of
 * something; and takes away every interval at which the page asks by itself, so that nothing but an event can bring a step.
 */
export function watchSteps(): void {
  const shortestOwnIntervalMs = 10_000;
  const watch: StepWatch = { shown: {}, told: [], breaks: 0, refusedIntervals: 0 };
  Object.assign(globalThis, { stepWatch: watch });

  const repeat = globalThis.setInterval.bind(globalThis);
  Object.assign(globalThis, {
    setInterval: (run: () => void, ms: number) => {
      if (ms < shortestOwnIntervalMs) return repeat(run, ms);
      watch.refusedIntervals += 1;
      return 0;
    },
  });

  const Stream = globalThis.EventSource;
  globalThis.EventSource = class extends Stream {
    constructor(url: string | URL) {
      super(url);
      const note = ({ data }: MessageEvent<string>) =>
        watch.told.push({ ids: Object.values(JSON.parse(data) as object), at: Date.now() });
      for (const kind of ['client', 'command', 'failure']) this.addEventListener(kind, note);
      this.addEventListener('error', () => {
        watch.breaks += 1;
      });
    }
  };

  new MutationObserver(() => {
    const at = Date.now();
    for (const time of document.querySelectorAll('.steps .step time')) {
      const commandId = time.closest('[data-command]')?.getAttribute('data-command');
      watch.shown[`${commandId} ${time.getAttribute('datetime')}`] ??= at;
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}
