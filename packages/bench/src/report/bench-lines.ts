import type { BenchmarkResult, TargetVerdict } from '../run/run-benchmark.ts';
import type { Spread } from '../run/spread.ts';

const NAME_WIDTH = 44;
const VALUE_WIDTH = 12;

/** The result of one benchmark as a table. */
export function benchLines({ name, title, runs, figures, ratios, targets }: BenchmarkResult): string[] {
  return [
    '',
    `${name}: ${title}`,
    row(`${runs} ${runs === 1 ? 'run' : 'runs'}`, ['median', 'min', 'max']),
    ...Object.entries(figures).map(([figure, spread]) => row(figure, spreadCells(spread))),
    row('ratio', ['median', 'min', 'max', 'to reach']),
    ...Object.entries(ratios).map(([ratio, spread]) =>
      row(ratio, [
        ...spreadCells(spread),
        ...targets.filter((target) => target.ratio === ratio).map(verdict),
      ]),
    ),
  ];
}

function row(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(VALUE_WIDTH)).join('')}`;
}

function spreadCells({ median, min, max }: Spread): string[] {
  return [median, min, max].map(rounded);
}

/** Three digits that count. */
export function rounded(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function verdict({ atLeast, atMost, isReached }: TargetVerdict): string {
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return `${bound} ${isReached ? 'reached' : 'MISSED'}`;
}
