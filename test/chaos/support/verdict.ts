import type { Outcome, RoundResult } from './trial.js';

/**
 * What each case of a study is blamed for, in the order they were tried, measured at a study that met no fault. A case is
 * blamed when the study does not go on after it, when a release or what sites were counted with is another, or when a
 * chunk was sent again that had arrived. `null`: a case before it had spoiled the study already, so nothing is known.
 */
export function verdicts(outcome: Outcome, undisturbed: Outcome): (readonly string[] | null)[] {
  const differences = outcome.rounds.map((round, index) => differenceOf(round, undisturbed.rounds[index]));
  const spoilt = differences.findIndex((difference) => difference !== null);
  const finished = outcome.state === 'finished';
  return outcome.tried.map(({ ordered, happened }, index) => {
    const next = outcome.tried[index + 1];
    if (spoilt >= 0 && spoilt + 1 < ordered) return null;
    const found = sentAgain(outcome, index + 1);
    const isItsRound = spoilt >= 0 && (next === undefined || spoilt + 1 < next.ordered);
    if (isItsRound) found.push(`in round ${spoilt + 1} ${differences[spoilt]}`);
    if (!finished && next === undefined)
      found.push(`the study is ${outcome.state}: ${outcome.reason ?? 'it hangs'}`);
    else if (happened === null) found.push(NOT_HAPPENED);
    if (finished && !outcome.auditHolds) found.push('the audit log does not hold');
    if (finished && outcome.sealedTwice.length > 0)
      found.push(`tries were left on the disk: ${outcome.sealedTwice.join(', ')}`);
    return found;
  });
}

/** In words; null when both ended alike. */
function differenceOf(round: RoundResult, undisturbed: RoundResult | undefined): string | null {
  if (undisturbed === undefined) return 'nothing should have been released any more';
  const counted = round.participation.findIndex((text, index) => text !== undisturbed.participation[index]);
  if (counted >= 0) {
    return `${round.participation[counted]} was counted for ${undisturbed.participation[counted] ?? 'nothing'}`;
  }
  if (round.release === null) return 'the release could not be read';
  return round.release === undisturbed.release ? null : 'the release is another, of the same parts';
}

export const NOT_HAPPENED = 'the fault did not happen';

/** Chunks that were sent during a case although the site had heard that they arrived. */
function sentAgain({ chunks }: Outcome, during: number): string[] {
  const arrived = new Set<string>();
  const again = new Set<string>();
  for (const { path, acknowledged, during: when } of chunks) {
    if (arrived.has(path) && when === during) again.add(path);
    if (acknowledged) arrived.add(path);
  }
  return [...again].map((path) => `${path} was sent again after it had arrived`);
}

/** Uploads that were begun: one for each site and round, unless a site had to begin anew. */
export function uploadsBegun({ chunks }: Outcome): number {
  return new Set(chunks.map(({ path }) => path.split('/')[3])).size;
}

/** Bytes of updates that crossed the line more than once. */
export function bytesSentTwice({ chunks }: Outcome): number {
  const largest = new Map<string, number>();
  let all = 0;
  for (const { path, bytes } of chunks) {
    all += bytes;
    largest.set(path, Math.max(largest.get(path) ?? 0, bytes));
  }
  return all - [...largest.values()].reduce((sum, bytes) => sum + bytes, 0);
}
