import { HEALTH_LIMITS } from '@infoscreen/shared-types';
import { useMemo, useState } from 'react';
import type { HealthSample } from '../api/api-types.ts';
import { useLocale, useTexts } from '../texts/texts.ts';
import { shortTime } from '../time/relative-time.ts';
import { useNow } from '../time/time-ago.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { METRICS, type Metric, seriesOf, summaries } from './chart-data.ts';
import { LineChart } from './line-chart.tsx';
import { RANGES, type Range, useHealth } from './screen-queries.ts';

const LOOK = {
  cpu_percent: { unit: '\u00a0%', limit: HEALTH_LIMITS.cpuPercent, valueRange: [0, 100] },
  memory_percent: { unit: '\u00a0%', limit: HEALTH_LIMITS.memoryPercent, valueRange: [0, 100] },
  temperature_c: { unit: '\u00a0°C', limit: HEALTH_LIMITS.temperatureC, valueRange: [0, 90] },
  mqtt_reconnect_count: { unit: '', limit: null, valueRange: null },
} as const satisfies Record<Metric, object>;

const TABLE_SECONDS = { day: 3600, week: 6 * 3600 } as const;
const MINUTE_MS = 60_000;

export function HealthCharts({ uuid }: { readonly uuid: string }) {
  const t = useTexts();
  const [range, setRange] = useState<Range>('day');
  const [isTable, setTable] = useState(false);
  const health = useHealth(uuid, range);
  return (
    <>
      <div className="button-row">
        <fieldset className="segmented">
          <legend className="unseen">{t('charts.range')}</legend>
          {(['day', 'week'] as const).map((name) => (
            <label key={name}>
              <input type="radio" name="range" checked={range === name} onChange={() => setRange(name)} />
              <span>{t(`charts.${name}`)}</span>
            </label>
          ))}
        </fieldset>
        <button type="button" className="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {t('charts.asTable')}
        </button>
      </div>
      <QueryView query={health} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{t('charts.none')}</p>
          ) : isTable ? (
            <Tables samples={items} range={range} />
          ) : (
            <Charts samples={items} range={range} />
          )
        }
      </QueryView>
    </>
  );
}

interface ChartsProps {
  readonly samples: readonly HealthSample[];
  readonly range: Range;
}

function Charts({ samples, range }: ChartsProps) {
  const t = useTexts();
  const minute = Math.ceil(useNow() / MINUTE_MS) * 60;
  const axis = useMemo(() => ({ from: minute - RANGES[range], to: minute }), [minute, range]);
  const series = useMemo(
    () => METRICS.map((metric) => [metric, seriesOf(samples, metric)] as const),
    [samples],
  );
  const valueText = useValueText();
  const summaryOf = (values: readonly (number | null)[], metric: Metric) => {
    const known = values.filter((value) => value !== null);
    return t('charts.summary', {
      name: t(`charts.${metric}`),
      last: valueText(known.at(-1) ?? null, metric),
      low: valueText(known.length === 0 ? null : Math.min(...known), metric),
      high: valueText(known.length === 0 ? null : Math.max(...known), metric),
    });
  };
  return (
    <div className="charts">
      {series.map(([metric, line]) => (
        <figure key={metric} className="card">
          <ChartTitle metric={metric} values={line.values} />
          <LineChart
            label={t(`charts.${metric}`)}
            summary={summaryOf(line.values, metric)}
            series={line}
            range={axis}
            {...LOOK[metric]}
          />
        </figure>
      ))}
    </div>
  );
}

function useValueText() {
  const locale = useLocale();
  return (value: number | null, metric: Metric) =>
    value === null
      ? '–'
      : `${value.toLocaleString(locale, { maximumFractionDigits: 1 })}${LOOK[metric].unit}`;
}

interface ChartTitleProps {
  readonly metric: Metric;
  readonly values: readonly (number | null)[];
}

function ChartTitle({ metric, values }: ChartTitleProps) {
  const t = useTexts();
  const valueText = useValueText();
  const { limit } = LOOK[metric];
  return (
    <figcaption className="chart-title">
      <strong>{t(`charts.${metric}`)}</strong>
      <span className="quiet">
        {t('charts.last', { value: valueText(values.findLast((value) => value !== null) ?? null, metric) })}
        {limit !== null && (
          <>
            {' · '}
            <span aria-hidden="true" className="limit-line" />{' '}
            {t('charts.limit', { value: valueText(limit, metric) })}
          </>
        )}
      </span>
    </figcaption>
  );
}

function Tables({ samples, range }: ChartsProps) {
  return (
    <div className="charts">
      {METRICS.map((metric) => (
        <SummaryTable key={metric} samples={samples} metric={metric} range={range} />
      ))}
    </div>
  );
}

function SummaryTable({ samples, metric, range }: ChartsProps & { readonly metric: Metric }) {
  const t = useTexts();
  const locale = useLocale();
  const rows = useMemo(
    () => summaries(samples, metric, TABLE_SECONDS[range]).toReversed(),
    [samples, metric, range],
  );
  const text = (value: number | null) =>
    value === null ? '–' : value.toLocaleString(locale, { maximumFractionDigits: 1 });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="wide-table" tabIndex={0} aria-label={t(`charts.${metric}`)}>
      <table className="plain-table">
        <caption>
          {t(`charts.${metric}`)}
          {LOOK[metric].unit === '' ? '' : ` (${LOOK[metric].unit.trim()})`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('charts.from')}</th>
            <th scope="col">{t('charts.low')}</th>
            <th scope="col">{t('charts.mean')}</th>
            <th scope="col">{t('charts.high')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ from, low, mean, high }) => (
            <tr key={from}>
              <th scope="row">{shortTime(from, locale)}</th>
              <td>{text(low)}</td>
              <td>{text(mean)}</td>
              <td>{text(high)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
