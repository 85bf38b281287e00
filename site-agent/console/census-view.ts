import { Approvals } from '../agent/approvals.js';
import { censusToSend, readSentCensuses } from '../agent/census-sender.js';
import { readPolicy } from '../agent/policy.js';
import { filmCensus } from '../data/film-census.js';
import type { Catalogue } from '../data/film.js';
import type { CensusReply } from './messages.js';

/** What the films are, and what of it leaves for each approved study. @throws {FederationError} for a broken file of the site */
export async function censusOf(home: string, data: string, catalogue: Catalogue): Promise<CensusReply> {
  const policy = await readPolicy(home);
  const running = (await new Approvals(home).list()).filter(({ ended }) => ended === undefined);
  const sent = await readSentCensuses(home);
  const studies = (await censusToSend(policy, data, running)).map(({ study, request }) => ({
    ...{ study, census: request.census },
    lastSentAt: sent[study]?.at ?? null,
  }));
  return {
    whole: filmCensus(catalogue, catalogue.classes, 1),
    shared: policy.census?.share === true,
    studies,
  };
}
