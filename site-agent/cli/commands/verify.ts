import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { loadIdentity } from '../../agent/identity.js';
import { RoundRecords } from '../../agent/round-records.js';
import { verifyModel, type ModelVerdict, type OwnKnowledge } from '../../evaluation/verify-model.js';
import type { Outcome } from '../terminal.js';

export interface VerifyOptions {
  readonly receipts?: string;
  readonly home?: string;
  readonly allowUnconfirmed?: boolean;
}

export async function verify(model: string, options: VerifyOptions): Promise<Outcome> {
  const own = options.home === undefined ? null : await ownKnowledge(resolve(options.home));
  const verdict = await verifyModel(model, options.receipts ?? `${model}.receipts.json`, own);
  const { model: checked, signKey, faults, unconfirmed } = verdict;
  if (faults.length > 0) {
    const more = faults.length > 1 ? ` And ${faults.length - 1} more faults.` : '';
    throw new FederationError('RECEIPT_WRONG', `${model} does not hold: ${faults[0]}${more}`);
  }
  requireConfirmed(model, verdict, options.allowUnconfirmed ?? false);
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

/** @throws {FederationError} `RECEIPT_UNCONFIRMED`; for what this site itself did not confirm, allowed or not */
function requireConfirmed(
  model: string,
  { unconfirmed, unknownHere }: ModelVerdict,
  isAllowed: boolean,
): void {
  const [round] = unknownHere ?? [];
  if (round !== undefined) {
    throw new FederationError(
      'RECEIPT_UNCONFIRMED',
      `${model} rests on round ${round}, which counts this site, without a countersignature that this home knows of.`,
    );
  }
  const [first] = unconfirmed;
  if (first === undefined || isAllowed) return;
  const others = unconfirmed.length - 1;
  const more =
    others === 0 ? '' : `; ${others} more countersignature${others === 1 ? ' is' : 's are'} missing`;
  throw new FederationError(
    'RECEIPT_UNCONFIRMED',
    `${model} rests on round ${first.round}, which ${first.site} did not confirm${more}.`,
  );
}

async function ownKnowledge(home: string): Promise<OwnKnowledge> {
  const { site, coordinator, formerSignKeys = [] } = await loadIdentity(home);
  const records = new RoundRecords(home);
  return {
    site,
    signKey: coordinator.signKey,
    former: formerSignKeys,
    receipts: (study) => records.receipts(study),
  };
}
