import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type MetricLabels = Readonly<Record<string, string>>;

export interface CounterMetric {
  /** Adds `by` (1). */
  inc(labels?: MetricLabels, by?: number): void;
}
export interface GaugeMetric {
  set(value: number, labels?: MetricLabels): void;
}
export interface HistogramMetric {
  observe(labels: MetricLabels, value: number): void;
}

/** The metrics of one process. Asking twice for the same name gives the same metric. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): CounterMetric;
  /** With `collect`, the gauge is set by it at each scrape; else by hand. */
  gauge(
    name: string,
    help: string,
    labels?: readonly string[],
    collect?: (gauge: GaugeMetric) => void,
  ): GaugeMetric;
  /** Buckets in seconds, from 1 ms to 10 s, unless told otherwise. */
  histogram(
    name: string,
    help: string,
    labels?: readonly string[],
    buckets?: readonly number[],
  ): HistogramMetric;
  /** All metrics in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

const BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A registry of its own, labelled with service and instance, with the process's own figures in it. */
export function createMetrics({
  service,
  instance,
}: {
  readonly service: string;
  readonly instance: string;
}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service, instance });
  collectDefaultMetrics({ register: registry });
  const metrics = new Map<string, CounterMetric | GaugeMetric | HistogramMetric>();
  const once = <M extends CounterMetric | GaugeMetric | HistogramMetric>(name: string, make: () => M): M => {
    const known = metrics.get(name) as M | undefined;
    if (known !== undefined) return known;
    const made = make();
    metrics.set(name, made);
    return made;
  };
  const common = (name: string, help: string, labels: readonly string[]) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (name, help, labels = []) =>
      once(name, () => {
        const counter = new Counter(common(name, help, labels));
        return { inc: (values = {}, by = 1) => counter.inc(values, by) };
      }),
    gauge: (name, help, labels = [], collect) =>
      once(name, () => {
        const metric: GaugeMetric = { set: (value, values = {}) => gauge.set(values, value) };
        const gauge = new Gauge({
          ...common(name, help, labels),
          ...(collect === undefined ? {} : { collect: () => collect(metric) }),
        });
        return metric;
      }),
    histogram: (name, help, labels = [], buckets = BUCKETS_SECONDS) =>
      once(name, () => {
        const histogram = new Histogram({ ...common(name, help, labels), buckets: [...buckets] });
        return { observe: (values, value) => histogram.observe(values, value) };
      }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
