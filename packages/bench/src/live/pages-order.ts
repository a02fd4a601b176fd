/** Open pages, as the overview of the dashboard is: a stream of events each, and what they ask for when told of a change. */
export interface PagesOrder {
  readonly serverUrl: string;
  /** Of the sessions; the pages share them evenly. */
  readonly cookies: readonly string[];
  readonly pages: number;
  /** The client that crashes and recovers. */
  readonly probe: string;
}

/** When a page first showed the probe in another state. */
export interface Sighting {
  readonly page: number;
  readonly isCrashed: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
