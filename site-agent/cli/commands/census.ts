import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { Approvals } from '../../agent/approvals.js';
import { censusToSend, readSentCensuses } from '../../agent/census-sender.js';
import { readPolicy } from '../../agent/policy.js';
import { readCatalogue } from '../../data/catalogue-file.js';
import { filmCensus } from '../../data/film-census.js';
import { censusText } from '../census-text.js';
import type { Outcome } from '../terminal.js';

export interface CensusOptions {
  readonly data: string;
  readonly classes?: readonly string[];
  readonly suppressBelow: number;
  readonly asSent?: boolean;
  readonly home?: string;
}

/** What the site's films are, by class and supervision; with --as-sent exactly what leaves the site for each study. */
export async function census(options: CensusOptions): Promise<Outcome> {
  const data = resolve(options.data);
  if (options.asSent === true) return asSent(data, options);
  const catalogue = await readCatalogue(data);
  const taken = filmCensus(catalogue, options.classes, options.suppressBelow);
  return { document: { source: catalogue.source, ...taken }, text: censusText(taken) };
}

/** The requests themselves, one per approved study that has not ended. */
async function asSent(data: string, { home, classes }: CensusOptions): Promise<Outcome> {
  if (home === undefined) throw new FederationError('USAGE', 'With --as-sent --home must be given.');
  if (classes !== undefined)
    throw new FederationError(
      'USAGE',
      'With --as-sent the classes are those of the plans, not of --classes.',
    );
  const policy = await readPolicy(resolve(home));
  const approvals = await new Approvals(resolve(home)).list();
  const running = approvals.filter(({ ended }) => ended === undefined);
  const sent = await readSentCensuses(resolve(home));
  const studies = (await censusToSend(policy, data, running)).map(({ study, request }) => ({
    study,
    method: 'PUT',
    path: `v1/studies/${study}/census`,
    request,
    lastSentAt: sent[study]?.at ?? null,
  }));
  const shares = policy.census?.share === true;
  const texts = studies.map(({ study, request, lastSentAt }) => {
    const last = lastSentAt === null ? 'never sent' : `last sent ${lastSentAt}`;
    if (request.census !== null) return `${study} (${last})\n${censusText(request.census)}`;
    const goes = lastSentAt === null ? 'nothing is sent' : 'what was sent is taken back';
    return `${study} (${last}): ${goes}, because policy.json does not have "census": { "share": true }`;
  });
  const none = 'No approved study is running: nothing is sent.';
  return {
    document: { allowed: shares, studies },
    text: texts.length === 0 ? none : texts.join('\n\n'),
  };
}
