import type { SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { SiteProgress } from './status-guard.js';

/** States a site's own progress may move between; what the coordinator decided (counted, failed, …) stays. */
const OPEN_STATES: ReadonlySet<SiteRound['state']> = new Set([
  'invited',
  'accepted',
  'training',
  'uploading',
]);
const STATE_OF_PHASE = { download: 'accepted', train: 'training', upload: 'uploading' } as const;

/**
 * The status after one progress report, so that the page moves between two status documents. Reports of another
 * study, site, round or attempt change nothing. The next status document replaces all of it.
 */
export function applyProgress(status: StudyStatus, progress: SiteProgress): StudyStatus {
  if (progress.study !== status.study) return status;
  return {
    ...status,
    sites: status.sites.map((site) =>
      site.site === progress.site
        ? { ...site, bytesSent: progress.bytesSent, bytesReceived: progress.bytesReceived }
        : site,
    ),
    history: status.history.map((round) =>
      round.round === progress.round && round.attempt === progress.attempt
        ? {
            ...round,
            sites: round.sites.map((site) => (site.site === progress.site ? advance(site, progress) : site)),
          }
        : round,
    ),
  };
}

function advance(site: SiteRound, progress: SiteProgress): SiteRound {
  if (progress.phase === 'evaluate' || !OPEN_STATES.has(site.state)) return site;
  const state = STATE_OF_PHASE[progress.phase];
  if (progress.phase !== 'train') return { ...site, state };
  const { step, steps, losses, filmsPerSecond, pseudo = site.pseudo } = progress;
  const lastStep = site.curve.at(-1)?.step ?? -1;
  const curve = step > lastStep ? [...site.curve, { step, losses }] : site.curve;
  return { ...site, state, step, steps, losses, filmsPerSecond, pseudo, curve };
}
