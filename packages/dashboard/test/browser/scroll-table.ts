import type { Page } from 'playwright-core';

export interface ScrollFigures {
  /** Milliseconds from one frame to the next, ascending: while nothing happens, and while the table scrolls. */
  readonly idle: readonly number[];
  readonly scrolling: readonly number[];
  /** The most rows that were in the document at the end of a frame. */
  readonly mostRows: number;
}

const FRAMES = 90;

/** Scrolls the table of screens up and down, a screenful at a time, and looks at each frame. */
export async function scrollTable(page: Page): Promise<ScrollFigures> {
  return await page.evaluate(async (frames) => {
    const element = document.querySelector('.table-scroller');
    let mostRows = 0;
    const watch = async (move: (frame: number) => void) => {
      const times: number[] = [];
      for (let frame = 0, before = performance.now(); frame < frames; frame += 1) {
        move(frame);
        await new Promise(requestAnimationFrame);
        mostRows = Math.max(mostRows, document.querySelectorAll('[role="row"]').length);
        times.push(performance.now() - before);
        before = performance.now();
      }
      return times.sort((a, b) => a - b);
    };
    const idle = await watch(() => {});
    const scrolling = await watch((frame) => element?.scrollBy(0, frame % 30 < 15 ? 400 : -400));
    return { idle, scrolling, mostRows };
  }, FRAMES);
}
