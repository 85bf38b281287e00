import { axisLook, chartBase, legendHeight, type Chart } from '@fedoxnet/coordinator/dashboard/charts/chart';
import { seriesMark } from '@fedoxnet/shared/page/chart-theme';
import { FRAME } from '../../pictures/chart-picture.js';
import type { CellOutcome, ResultRow } from './results.js';
import { spreadOf } from './spread.js';

const { width, theme } = FRAME;
const three = (value: number): string => value.toFixed(3);

/** AP40 of each run: the mean as a bar, each seed as a dot. */
export function runChart(rows: readonly ResultRow[]): Chart {
  const look = axisLook(theme);
  const labels = rows.map(({ label }) => label);
  const option: Chart['option'] = {
    animation: false,
    textStyle: { fontFamily: theme.font, color: theme.text },
    grid: { left: 360, right: 48, top: 8, bottom: 32, outerBoundsMode: 'none' },
    xAxis: { ...look, type: 'value', min: 0 },
    yAxis: {
      ...look,
      type: 'category',
      inverse: true,
      data: labels,
      axisLabel: { ...look.axisLabel, width: 320, overflow: 'break', color: theme.text, fontSize: 12 },
      splitLine: { show: false },
    },
    series: [
      {
        type: 'bar',
        barWidth: '55%',
        data: rows.map(({ ap40 }, index) => ({
          value: ap40?.mean ?? 0,
          // See-through, so that the figure on it is read as well as one beside it.
          itemStyle: { color: `${seriesMark(theme, index).color}8c` },
        })),
        label: {
          show: true,
          position: 'insideLeft',
          formatter: ({ value }) => three(Number(value)),
          color: theme.text,
        },
      },
      {
        type: 'scatter',
        symbolSize: 8,
        color: theme.text,
        data: rows.flatMap(({ seeds }, row) =>
          seeds.flatMap(({ ap40 }) => (ap40 === null ? [] : [[ap40, row]])),
        ),
      },
    ],
  };
  return { option, height: 48 + 52 * rows.length };
}

/** Mean AP40 over the values of a sweep, a line by run with its spread. */
export function sweepChart(rows: readonly ResultRow[], swept: string): Chart {
  const labels = [...new Set(rows.map(({ label }) => label))];
  const values = [...new Set(rows.map(({ value }) => String(value)))];
  const look = axisLook(theme);
  const legend = legendHeight(labels, width);
  const of = (label: string, value: string) =>
    rows.find((row) => row.label === label && String(row.value) === value)?.ap40 ?? null;
  const option: Chart['option'] = {
    ...chartBase(theme, labels, three),
    grid: { left: 56, right: 24, top: 36, bottom: 48 + legend, outerBoundsMode: 'none' },
    xAxis: { ...look, type: 'category', data: values, name: swept, nameLocation: 'middle', nameGap: 28 },
    yAxis: { ...look, type: 'value', name: 'AP40', scale: true },
    series: labels.flatMap((label, index) => {
      const { color, symbol, dash } = seriesMark(theme, index);
      return [
        {
          type: 'line' as const,
          name: label,
          data: values.map((value) => of(label, value)?.mean ?? null),
          ...{ color, symbol, symbolSize: 8, lineStyle: { width: 2.5, type: dash } },
        },
        {
          type: 'scatter' as const,
          ...{ color, symbolSize: 5, itemStyle: { opacity: 0.6 } },
          data: rows
            .filter((row) => row.label === label)
            .flatMap(({ value, seeds }) =>
              seeds.flatMap(({ ap40 }) => (ap40 === null ? [] : [[String(value), ap40]])),
            ),
        },
      ];
    }),
  };
  return { option, height: 352 + legend };
}

/** Mean AP40 by round, a line by run; null when releases were scored at the end only. */
export function roundChart(rows: readonly ResultRow[], outcomes: readonly CellOutcome[]): Chart | null {
  const shown = new Map(rows.map(({ label, seeds }) => [label, seeds.map(({ cell }) => cell)]));
  const rounds = [...new Set(outcomes.flatMap(({ evaluations }) => evaluations.map(({ round }) => round)))];
  if (rounds.length < 2) return null;
  rounds.sort((a, b) => a - b);
  const labels = [...shown.keys()];
  const look = axisLook(theme);
  const legend = legendHeight(labels, width);
  const mean = (cells: readonly string[], round: number): number | null =>
    spreadOf(
      outcomes
        .filter(({ cell }) => cells.includes(cell))
        .map(({ evaluations }) => evaluations.find((one) => one.round === round)?.all.mean.ap40 ?? null),
    )?.mean ?? null;
  const option: Chart['option'] = {
    ...chartBase(theme, labels, three),
    grid: { left: 56, right: 24, top: 36, bottom: 48 + legend, outerBoundsMode: 'none' },
    xAxis: { ...look, type: 'category', data: rounds, name: 'round', nameLocation: 'middle', nameGap: 28 },
    yAxis: { ...look, type: 'value', name: 'AP40', min: 0 },
    series: labels.map((label, index) => {
      const { color, symbol, dash } = seriesMark(theme, index);
      return {
        type: 'line' as const,
        name: label,
        data: rounds.map((round) => mean(shown.get(label) ?? [], round)),
        ...{ color, symbol, symbolSize: 7, lineStyle: { width: 2.5, type: dash }, connectNulls: true },
      };
    }),
  };
  return { option, height: 352 + legend };
}
