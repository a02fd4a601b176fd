/** One sample of a service's `/metrics`. */
export interface Scrape {
  /** Sum over all label sets of the metric; 0 where there is none. */
  sum(name: string): number;
  /** Value per value of one label, summed over the others. */
  by(name: string, label: string): ReadonlyMap<string, number>;
}

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;

/** @param url top of the service, as `http://127.0.0.1:9101` */
export async function scrapeMetrics(url: string): Promise<Scrape> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels, value: Number(value) }];
  });
  const of = (wanted: string) => samples.filter(({ name }) => name === wanted);
  return {
    sum: (name) => of(name).reduce((total, { value }) => total + value, 0),
    by: (name, label) => {
      const sums = new Map<string, number>();
      for (const { labels, value } of of(name)) {
        const key = new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(labels)?.[1] ?? '';
        sums.set(key, (sums.get(key) ?? 0) + value);
      }
      return sums;
    },
  };
}
