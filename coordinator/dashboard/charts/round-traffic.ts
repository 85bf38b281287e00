import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { lastAttempts } from './last-attempts.js';

/** Sealed bytes of one round. */
export interface RoundTraffic {
  readonly round: number;
  /** [site] update sent by each site of the study, 0 when none arrived. */
  readonly uploads: readonly number[];
  /** The release made from them, stored once and fetched by every site; 0 before it is published. */
  readonly release: number;
}

export function roundTraffic(status: StudyStatus): RoundTraffic[] {
  return lastAttempts(status.history)
    .map(({ round, sites, release }) => ({
      round,
      uploads: status.sites.map(({ site }) => sites.find((entry) => entry.site === site)?.uploadBytes ?? 0),
      release: release?.bytes ?? 0,
    }))
    .filter(({ uploads, release }) => release > 0 || uploads.some((bytes) => bytes > 0));
}
