import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { shortName } from '@fedoxnet/shared/ids';
import type { CensusRequest } from '@fedoxnet/shared/protocol/census-messages';
import { census } from '@fedoxnet/shared/study/census';
import { CATALOGUE_FILE, readCatalogue } from '../data/catalogue-file.js';
import { filmCensus } from '../data/film-census.js';
import { inStudyNames } from '../data/study-names.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';
import type { Approval } from './approvals.js';
import type { HttpClient } from './http-client.js';
import { readPolicy, type SitePolicy } from './policy.js';

/** What a site tells, or would tell, of its films for one study. */
export interface StudyCensus {
  readonly study: string;
  readonly request: CensusRequest;
}

/**
 * The census of each study, its classes in the plan's order, as the site's policy lets it out; null where it does not.
 * @throws {FederationError} as `readCatalogue`
 */
export async function censusToSend(
  policy: SitePolicy,
  data: string,
  approvals: readonly Pick<Approval, 'study' | 'plan'>[],
): Promise<StudyCensus[]> {
  if (policy.census?.share !== true) {
    return approvals.map(({ study }) => ({ study, request: { census: null } }));
  }
  const { suppressBelow } = policy.census;
  const catalogue = await readCatalogue(data);
  return approvals.map(({ study, plan }) => ({
    study,
    request: { census: filmCensus(inStudyNames(catalogue, plan), plan.classes, suppressBelow) },
  }));
}

/** By study: what the coordinator was told last, and when. Kept so that it can be shown, and taken back. */
const sentCensuses = z.record(shortName, z.object({ at: z.string(), census }));
export type SentCensuses = z.infer<typeof sentCensuses>;

const recordPath = (home: string): string => join(home, 'census-sent.json');

/** @throws {FederationError} `CONFIG_INVALID` for a broken file */
export async function readSentCensuses(home: string): Promise<SentCensuses> {
  return (await readJsonFile(recordPath(home), sentCensuses, 'CONFIG_INVALID')) ?? {};
}

/** Keeps the coordinator's picture of this site's films as the policy wants it: told once, again when it changes, taken back. */
export class CensusSender {
  /** What the last look saw: nothing is read or sent again before it changes. */
  private seen = '';
  private readonly told = new Map<string, string>();

  constructor(
    private readonly home: string,
    private readonly data: string,
    private readonly http: HttpClient,
  ) {}

  /** After every connection: the coordinator may have lost what it was told. */
  forget(): void {
    this.seen = '';
    this.told.clear();
  }

  /**
   * @param running approvals that the coordinator knows of
   * @throws {FederationError} when the coordinator does not take it; a refusal that no retry can change is not tried again
   */
  async send(running: readonly Approval[]): Promise<void> {
    const policy = await readPolicy(this.home);
    const found = await stat(join(this.data, CATALOGUE_FILE)).catch(() => null);
    const hashes = running.map(({ hash }) => hash);
    const look = JSON.stringify([policy.census, found?.mtimeMs, found?.size, hashes]);
    if (look === this.seen) return;
    const sent = await readSentCensuses(this.home);
    for (const { study, request } of await censusToSend(policy, this.data, running)) {
      const text = JSON.stringify(request);
      if (this.told.get(study) === text || (request.census === null && sent[study] === undefined)) continue;
      try {
        await this.http.send({ method: 'PUT', path: `v1/studies/${study}/census`, json: request });
      } catch (error) {
        if (error instanceof FederationError && !error.entry.retry) this.seen = look;
        throw error;
      }
      this.told.set(study, text);
      if (request.census === null) delete sent[study];
      else sent[study] = { at: new Date().toISOString(), census: request.census };
      await writeFileAtomic(recordPath(this.home), `${JSON.stringify(sent, null, 1)}\n`, 0o600);
    }
    this.seen = look;
  }
}
