import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useLocale, useTexts } from '../texts/texts.ts';
import { useIsDark } from '../ui/theme.ts';
import type { Series } from './chart-data.ts';

const HEIGHT = 170;

interface LineChartProps {
  readonly label: string;
  /** What it shows, in a sentence, for who can't see it. */
  readonly summary: string;
  readonly unit: string;
  readonly series: Series;
  /** Of the whole axis, in seconds since the epoch: a day without a sample is an empty day. */
  readonly range: { readonly from: number; readonly to: number };
  readonly limit: number | null;
  readonly valueRange: readonly [number, number] | null;
}

/** One line over time. What it shows is also in the table beside it: a canvas says nothing to a screen reader. */
export function LineChart({ label, summary, unit, series, range, limit, valueRange }: LineChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  const locale = useLocale();
  const t = useTexts();
  const isDark = useIsDark();

  // biome-ignore lint/correctness/useExhaustiveDependencies: data come by setData, without a new chart
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const plot = new UPlot(
      chartOptions({
        element,
        timeLabel: t('audit.time'),
        label,
        unit,
        locale,
        limit,
        valueRange,
        range: () => rangeRef.current,
      }),
      [series.times, series.values] as UPlot.AlignedData,
      element,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [label, unit, locale, limit, isDark]);

  const rangeRef = useRef(range);
  useEffect(() => {
    rangeRef.current = range;
    chart.current?.setData([series.times, series.values] as UPlot.AlignedData);
  }, [series, range]);

  return (
    <div
      ref={place}
      className="line-chart"
      role="img"
      aria-label={summary}
      data-gaps={series.values.filter((value) => value === null).length}
    />
  );
}

interface ChartLook extends Pick<LineChartProps, 'label' | 'unit' | 'limit' | 'valueRange'> {
  readonly element: HTMLElement;
  readonly timeLabel: string;
  readonly locale: string;
  readonly range: () => LineChartProps['range'];
}

function chartOptions({
  element,
  timeLabel,
  label,
  unit,
  locale,
  limit,
  valueRange,
  range,
}: ChartLook): UPlot.Options {
  const colour = (name: string) => resolvedColour(element, name);
  const [line, text, grid, bad] = ['--chart-line', '--text-quiet', '--border', '--chart-limit'].map(colour);
  const clock = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    // Short ones: they stand side by side.
    hourCycle: 'h23',
  });
  const day = new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' });
  const axis = { stroke: text ?? '', grid: { stroke: grid ?? '', width: 1 }, ticks: { stroke: grid ?? '' } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: () => [range().from, range().to] },
      y: { range: (_plot, low, high) => valueBounds(low, high, valueRange) },
    },
    axes: [
      {
        ...axis,
        values: (_plot, ticks) =>
          ticks.map((at) => (range().to - range().from > 2 * 86_400 ? day : clock).format(at * 1000)),
      },
      {
        ...axis,
        size: 56,
        values: (_plot, ticks) => ticks.map((value) => `${value.toLocaleString(locale)}${unit}`),
      },
    ],
    series: [
      { value: (_plot, at) => (at === null ? '–' : full.format(at * 1000)), label: timeLabel },
      {
        label,
        stroke: line ?? '',
        width: 2,
        spanGaps: false,
        points: { size: 4 },
        value: (_plot, value) => (value === null ? '–' : `${value.toLocaleString(locale)}${unit}`),
      },
    ],
    hooks: { draw: limit === null ? [] : [(plot) => drawLimit(plot, limit, bad ?? '')] },
  };
}

/** A canvas knows no `light-dark()`: the browser is asked what it comes to. */
function resolvedColour(element: HTMLElement, name: string): string {
  const before = element.style.color;
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}

function valueBounds(
  low: number | null,
  high: number | null,
  wanted: readonly [number, number] | null,
): [number, number] {
  if (wanted !== null) return [Math.min(wanted[0], low ?? wanted[0]), Math.max(wanted[1], high ?? wanted[1])];
  return [0, Math.max(4, (high ?? 0) * 1.1)];
}

function drawLimit(plot: UPlot, limit: number, colour: string): void {
  const y = plot.valToPos(limit, 'y', true);
  const { left, width } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = colour;
  plot.ctx.setLineDash([6, 6]);
  plot.ctx.beginPath();
  plot.ctx.moveTo(left, y);
  plot.ctx.lineTo(left + width, y);
  plot.ctx.stroke();
  plot.ctx.restore();
}
