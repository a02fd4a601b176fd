import type { Sighting } from './pages-order.ts';

/** The probe reported another state. */
export interface Toggle {
  readonly isCrashed: boolean;
  /** Milliseconds since the epoch, before it was sent. */
  readonly at: number;
}

/**
 * From each toggle to each page; a page that showed it only after the next one, or never, counts with the whole time until
 * then. Pure.
 * @param endedAt when the pages were closed
 */
export function pageDelays(
  toggles: readonly Toggle[],
  sightings: readonly Sighting[],
  { pages, endedAt }: { readonly pages: number; readonly endedAt: number },
): number[] {
  const ofPages = Array.from({ length: pages }, (_, page) => sightings.filter((one) => one.page === page));
  return toggles.flatMap(({ isCrashed, at }, index) => {
    const until = toggles[index + 1]?.at ?? endedAt;
    return ofPages.map((ofPage) => {
      const seen = ofPage.find((one) => one.isCrashed === isCrashed && one.at >= at && one.at < until);
      return (seen?.at ?? until) - at;
    });
  });
}
