import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { loadIdentity } from '../../agent/identity.js';
import { RoundRecords } from '../../agent/round-records.js';
import { verifyModel, type OwnKnowledge } from '../../evaluation/verify-model.js';
import type { Outcome } from '../terminal.js';

export interface VerifyOptions {
  readonly receipts?: string;
  readonly home?: string;
}

export async function verify(model: string, options: VerifyOptions): Promise<Outcome> {
  const own = options.home === undefined ? null : await ownKnowledge(resolve(options.home));
  const verdict = await verifyModel(model, options.receipts ?? `${model}.receipts.json`, own);
  const { model: checked, signKey, faults, unconfirmed } = verdict;
  if (faults.length > 0) {
    const more = faults.length > 1 ? ` And ${faults.length - 1} more faults.` : '';
    throw new FederationError('RECEIPT_WRONG', `${model} does not hold: ${faults[0]}${more}`);
  }
  const missing = unconfirmed.map(({ round, site }) => `${site} in round ${round}`);
  return {
    document: verdict,
    text: [
      `${model} is release ${checked.release} of ${checked.study}: every round that led to it is signed and follows the one before.`,
      missing.length === 0
        ? 'Every counted site confirmed every round.'
        : `Not confirmed by: ${missing.join(', ')}.`,
      own === null
        ? `Signed with ${signKey}: compare it with the key that sites print when they enrol, or give --home.`
        : 'Signed with the key that this site pinned.',
    ].join('\n'),
  };
}

async function ownKnowledge(home: string): Promise<OwnKnowledge> {
  const { coordinator } = await loadIdentity(home);
  const records = new RoundRecords(home);
  return { coordinator, receipts: (study) => records.receipts(study) };
}
