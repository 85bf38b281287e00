import type { RoundMetrics, RoundStatus } from '@fedoxnet/shared/protocol/status';
import { formatAp, formatBytes, textTable } from './text-table.js';

/** What the terminal shows when a round is published: a row per site, then a row per class. */
export function roundReport(round: RoundStatus, rounds: number): string {
  const sites = round.sites.map((site) => [
    site.site,
    site.reason === null ? site.state : `${site.state}: ${site.reason}`,
    site.steps === 0 ? '–' : `${site.step}/${site.steps}`,
    totalLoss(site.losses)?.toFixed(3) ?? '–',
    site.filmsPerSecond > 0 ? site.filmsPerSecond.toFixed(1) : '–',
    formatBytes(site.uploadBytes),
  ]);
  const phases = Object.entries(round.seconds).map(([phase, seconds]) => `${phase} ${seconds.toFixed(1)} s`);
  const parts = [
    `\nRound ${round.round} of ${rounds}: ${round.state} (${phases.join(', ')})`,
    textTable(['site', 'state', 'steps', 'loss', 'films/s', 'update'], sites),
  ];
  if (round.metrics !== null) parts.push(`\n${metricsTable(round.metrics)}`);
  return parts.join('\n');
}

/** Average precision by class and its mean, on held-out films. */
export function metricsTable(metrics: RoundMetrics): string {
  const row = (name: string, films: string, truths: string, ap: RoundMetrics['mean']) => [
    name,
    films,
    truths,
    ...[ap.ap40, ap.ap50, ap.ap75, ap.ap].map(formatAp),
  ];
  return textTable(
    ['held-out films', 'films', 'lesions', 'AP40', 'AP50', 'AP75', 'AP@[.40:.75]'],
    [
      ...metrics.perClass.map((entry) => row(entry.class, String(entry.films), String(entry.truths), entry)),
      row('mean over classes', '', '', metrics.mean),
    ],
  );
}

/** The loss that is minimised where the trainer reports it, else the plain sum of its terms. */
export function totalLoss(losses: Readonly<Record<string, number>>): number | null {
  if (losses['total'] !== undefined) return losses['total'];
  const terms = Object.values(losses);
  return terms.length === 0 ? null : terms.reduce((sum, value) => sum + value, 0);
}
