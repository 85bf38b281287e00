import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { signHeader } from '@fedoxnet/shared/sealing/signed-header';
import type { Dice } from '../dice.js';

/** What of a header says where its update belongs: nothing else than the truth may be taken. */
const BINDING = ['study', 'round', 'attempt', 'site', 'planHash', 'base', 'encoding'] as const;

export function misplacedFields(header: UpdateHeader, genuine: UpdateHeader): string[] {
  return BINDING.filter((field) => header[field] !== genuine[field]);
}

/** The header of a place where this update does not belong, or that contradicts itself. */
export function misplaced(header: UpdateHeader, otherSite: string, dice: Dice): UpdateHeader {
  const otherDigit = (hash: string): string => (hash.startsWith('0') ? '1' : '0') + hash.slice(1);
  return dice.pick<() => UpdateHeader>([
    () => ({ ...header, site: otherSite }),
    () => ({ ...header, study: 'other' }),
    () => ({ ...header, round: header.round + dice.pick([-1, 1, 1000]) }),
    () => ({ ...header, attempt: header.attempt + 1 }),
    () => ({ ...header, planHash: otherDigit(header.planHash) }),
    () => ({ ...header, base: otherDigit(header.base) }),
    () => ({ ...header, encoding: 'int8' }),
    () => ({ ...header, chunks: header.chunks + dice.pick([-1, 1, 1000]) }),
    () => ({ ...header, bytes: header.bytes + dice.pick([2 ** 22, -(2 ** 22), 2 ** 32]) }),
  ])();
}

/** Null where the damage is such that nothing can be signed. */
export function signatureOf(header: UpdateHeader, secretKey: Uint8Array): string | null {
  try {
    return signHeader(header, secretKey);
  } catch {
    return null;
  }
}
