import type { KeySuccession, PublicKeys } from '../protocol/http-messages.js';
import { canonicalJson } from '../study/canonical-json.js';
import { publicKeysOf, type SiteKeys } from './keys.js';
import { signText, verifyText } from './signature.js';

/**
 * How a coordinator replaces its keys: the old signing key names the new pair, and the new signing key accepts. Whoever
 * pinned any key of such a chain can follow it, and nobody who holds only one end of a link can make it. PROTOCOL.md §2.6.
 */
export const SUCCESSION_LABEL = 'fedoxnet succession v1';

function successionText({ from, keys }: Pick<KeySuccession, 'from' | 'keys'>): string {
  return canonicalJson({ from, keys });
}

export function announceKeys(old: SiteKeys, next: SiteKeys): KeySuccession {
  const link = { from: publicKeysOf(old).signKey, keys: publicKeysOf(next) };
  const text = successionText(link);
  return {
    ...link,
    oldSignature: signText(SUCCESSION_LABEL, text, old.sign.secretKey),
    newSignature: signText(SUCCESSION_LABEL, text, next.sign.secretKey),
  };
}

/** True when both the old and the new signing key stand behind the link. */
export function isSuccession(link: KeySuccession): boolean {
  const text = successionText(link);
  return (
    verifyText(SUCCESSION_LABEL, text, link.oldSignature, link.from) &&
    verifyText(SUCCESSION_LABEL, text, link.newSignature, link.keys.signKey)
  );
}

/**
 * Follows the chain from the keys that were pinned.
 * @param succession every link since the first key, oldest first
 * @returns the signing keys from the pinned one to that of `shown`, or null when the chain does not lead there
 */
export function signersSince(
  pinned: PublicKeys,
  succession: readonly KeySuccession[],
  shown: PublicKeys,
): string[] | null {
  let current = pinned;
  const signers = [pinned.signKey];
  for (const link of succession) {
    if (link.from !== current.signKey) continue;
    if (!isSuccession(link)) return null;
    current = link.keys;
    signers.push(current.signKey);
  }
  const leadsThere = current.signKey === shown.signKey && current.boxKey === shown.boxKey;
  return leadsThere ? signers : null;
}

/**
 * All signing keys that a coordinator had, oldest first.
 * @returns null when a link is missing or wrong
 */
export function allSigners(succession: readonly KeySuccession[], last: string): string[] | null {
  const signers = [...succession.map(({ from }) => from), last];
  const isWhole = succession.every(
    (link, index) => link.keys.signKey === signers[index + 1] && isSuccession(link),
  );
  return isWhole ? signers : null;
}
