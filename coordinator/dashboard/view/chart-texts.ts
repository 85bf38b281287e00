import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { AP_LABELS, apLines, type ApMeasure } from '../charts/ap-lines.js';
import { lossPanels } from '../charts/loss-panels.js';
import { roundTraffic } from '../charts/round-traffic.js';
import { formatPrecision } from './format.js';
import { formatBytes, formatLoss, NOT_KNOWN } from './page/numbers.js';

/** What a chart says, for readers who do not see it: one sentence and the numbers as a table. */
export interface ChartText {
  readonly sentence: string;
  readonly columns: readonly string[];
  /** First cell of each row is its heading. */
  readonly rows: readonly (readonly string[])[];
}

/** Last value of each loss term at each site. */
export function lossText(status: StudyStatus): ChartText {
  const panels = lossPanels(status);
  const last = (site: string, term: number) =>
    panels[term]?.lines.find((line) => line.site === site)?.points.at(-1)?.[1];
  return {
    sentence:
      panels.length === 0
        ? 'No site has reported a loss yet.'
        : `Loss over the rounds, ${panels.length} terms at ${status.sites.length} sites.`,
    columns: ['Site, last value', ...panels.map(({ label }) => label)],
    rows: status.sites.map(({ site }) => [
      site,
      ...panels.map((_, term) => {
        const loss = last(site, term);
        return loss === undefined ? NOT_KNOWN : formatLoss(loss);
      }),
    ]),
  };
}

export function precisionText(status: StudyStatus, measure: ApMeasure): ChartText {
  const { rounds, mean, classes } = apLines(status, measure);
  const latest = rounds.at(-1);
  return {
    sentence:
      latest === undefined
        ? 'No model has been scored yet.'
        : `${AP_LABELS[measure]} after round ${latest}: mean ${formatPrecision(mean.at(-1) ?? null)}; ` +
          `${classes.map(({ name, values }) => `${name} ${formatPrecision(values.at(-1) ?? null)}`).join(', ')}.`,
    columns: [`Class, ${AP_LABELS[measure]}`, ...rounds.map((round) => `Round ${round}`)],
    rows: [
      ...classes.map(({ name, values }) => [name, ...values.map(formatPrecision)]),
      ['Mean', ...mean.map(formatPrecision)],
    ],
  };
}

export function trafficText(status: StudyStatus): ChartText {
  const traffic = roundTraffic(status);
  return {
    sentence:
      traffic.length === 0
        ? 'No sealed update or release has been stored yet.'
        : `Sealed bytes of ${traffic.length} rounds: the update of each site, and the release made from them.`,
    columns: ['Round', ...status.sites.map(({ site }) => site), 'Release'],
    rows: traffic.map(({ round, uploads, release }) => [
      String(round),
      ...uploads.map(formatBytes),
      formatBytes(release),
    ]),
  };
}
