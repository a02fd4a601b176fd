import type { Metrics } from '@infoscreen/service-kit';

export interface HttpMetrics {
  observe(request: { method: string; route: string; status: number; seconds: number }): void;
}

/** Durations by route template: never by path, which would make a time series per client. */
export function createHttpMetrics(metrics: Metrics): HttpMetrics {
  const duration = metrics.histogram(
    'infoscreen_http_request_duration_seconds',
    'Time from request to answer, in seconds.',
    ['method', 'route', 'status'],
  );
  return {
    observe: ({ method, route, status, seconds }) =>
      duration.observe({ method, route, status: String(status) }, seconds),
  };
}
