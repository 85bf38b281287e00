import { meanOfKnown } from '@fedoxnet/shared/evaluation/mean-of-known';
import type { ClassScores, CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import { table } from './output.js';

type Figure = 'ap40' | 'froc' | 'globalAuc';

/** What is shown, and the count that says how much it rests on. */
const FIGURES: readonly { readonly figure: Figure; readonly title: string; readonly count: CountOf }[] = [
  { figure: 'ap40', title: 'AP40 (true boxes)', count: ({ truths }) => truths },
  { figure: 'froc', title: 'mean sensitivity of FROC (true boxes)', count: ({ truths }) => truths },
  {
    figure: 'globalAuc',
    title: 'AUC of the global head (films with the class)',
    count: ({ positives }) => positives,
  },
];
type CountOf = (scores: ClassScores) => number | null;

/** `<`: withheld by the site; `–`: nothing to measure it on. */
const WITHHELD = '<';
const NOTHING = '–';

/** The figures of one release by class and site: AP40, FROC and AUC; the rest is in --json. */
export function scoresText({ round, suppressBelow, sites, pooled }: CrossSite): string {
  const head = ['class', ...sites.map(({ site }) => site), 'all sites'];
  const parts = FIGURES.map(({ figure, title, count }) => {
    const rows = pooled.map((total, index) => [
      total.class,
      ...sites.map(({ classes }) => cell(classes?.[index], figure, count)),
      cell(total, figure, count),
    ]);
    const mean = meanOfKnown(pooled.map((scores) => scores[figure]));
    const last = ['mean', ...sites.map(() => ''), mean === null ? NOTHING : mean.toFixed(3)];
    return `${title}\n${table(head, [...rows, last])}`;
  });
  const legend =
    suppressBelow === 1
      ? ''
      : `\n\n${WITHHELD} stands for what a site withholds because it rests on fewer than ${suppressBelow} patients, or would give such a count away.`;
  return `Release ${round}\n\n${parts.join('\n\n')}${legend}`;
}

function cell(scores: ClassScores | undefined, figure: Figure, countOf: CountOf): string {
  if (scores === undefined) return NOTHING;
  const count = countOf(scores);
  const value = scores[figure];
  if (count === null) return WITHHELD;
  return value === null ? NOTHING : `${value.toFixed(3)} (${count})`;
}
