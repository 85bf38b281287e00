import type { RoundStatus, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { classColour } from './class-colours.js';
import { lineChartPng, type ChartSeries } from './line-chart.js';

/** Lines on white paper need darker colours than boxes on films; in the order of the classes or terms. */
const INK = [
  '#d98200',
  '#0072b2',
  '#009e73',
  '#d55e00',
  '#a0529a',
  '#b8a400',
  '#4a5bd4',
  '#4f9a1f',
  '#d6458f',
  '#0095a0',
] as const;
const ink = (index: number): string => INK[index % INK.length] ?? classColour(index);
const BLACK = '#17202a';

/** AP40 of each class by round, their mean in bold. @returns the bytes of a PNG file */
export function averagePrecisionChart(status: Pick<StudyStatus, 'study' | 'classes' | 'history'>): Buffer {
  const scored = status.history.filter(({ metrics }) => metrics !== null);
  const classes: ChartSeries[] = status.classes.map((name, index) => ({
    name,
    colour: ink(index),
    points: scored.map(({ round, metrics }) => [
      round,
      metrics?.perClass.find((entry) => entry.class === name)?.ap40 ?? null,
    ]),
  }));
  const mean: ChartSeries = {
    name: 'mean',
    colour: BLACK,
    bold: true,
    points: scored.map(({ round, metrics }) => [round, metrics?.mean.ap40 ?? null]),
  };
  return lineChartPng({
    title: 'Average precision on held-out films',
    subtitle: `Study ${status.study} · a box counts when it overlaps a reader's box by at least 40 %`,
    xLabel: 'round',
    yLabel: 'AP40',
    series: [mean, ...classes.filter(({ points }) => points.some(([, ap]) => ap !== null))],
    yMin: 0,
    yMax: 1,
    wholeX: true,
    marks: true,
  });
}

/** Each loss term over all steps of the study, averaged over the sites that have it. @returns the bytes of a PNG file */
export function lossChart(status: Pick<StudyStatus, 'study' | 'history'>): Buffer {
  const rounds = [...status.history].sort((a, b) => a.round - b.round);
  const points = new Map<string, [number, number][]>();
  let start = 0;
  for (const round of rounds) {
    for (const [term, list] of meansByTerm(round)) {
      const sofar = points.get(term) ?? [];
      sofar.push(...list.map(([step, value]): [number, number] => [start + step, value]));
      points.set(term, sofar);
    }
    start += Math.max(0, ...round.sites.map(({ steps }) => steps));
  }
  const terms = [...points.keys()].sort(
    (a, b) => Number(b === 'total') - Number(a === 'total') || a.localeCompare(b),
  );
  return lineChartPng({
    title: 'Training losses by term',
    subtitle: `Study ${status.study} · mean over the sites that have the term`,
    xLabel: 'local step, all rounds one after another',
    yLabel: 'loss',
    series: terms.map((term, index) => ({
      name: term,
      colour: term === 'total' ? BLACK : ink(index),
      bold: term === 'total',
      points: points.get(term) ?? [],
    })),
    logarithmic: true,
  });
}

/** Per term: [step, mean over sites], steps rising. */
function meansByTerm(round: RoundStatus): Map<string, [number, number][]> {
  const sums = new Map<string, Map<number, { sum: number; count: number }>>();
  for (const { step, losses } of round.sites.flatMap(({ curve }) => curve)) {
    for (const [term, value] of Object.entries(losses)) {
      const steps = sums.get(term) ?? new Map<number, { sum: number; count: number }>();
      sums.set(term, steps);
      const entry = steps.get(step) ?? { sum: 0, count: 0 };
      steps.set(step, { sum: entry.sum + value, count: entry.count + 1 });
    }
  }
  return new Map(
    [...sums].map(([term, steps]) => [
      term,
      [...steps].sort(([a], [b]) => a - b).map(([step, { sum, count }]) => [step, sum / count]),
    ]),
  );
}
