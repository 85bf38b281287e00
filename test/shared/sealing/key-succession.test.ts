import { expect } from 'chai';
import type { KeySuccession } from '@fedoxnet/shared/protocol/http-messages';
import {
  allSigners,
  announceKeys,
  isSuccession,
  signersSince,
} from '@fedoxnet/shared/sealing/key-succession';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';

const SECRET = [generateKeys(), generateKeys(), generateKeys(), generateKeys()] as const;
const [first, second, third, stranger] = SECRET;
const PUBLIC = SECRET.map(publicKeysOf);
const signer = (index: number): string => PUBLIC[index]!.signKey;
const pinned = (index: number) => PUBLIC[index]!;
const chain = [announceKeys(first, second), announceKeys(second, third)];

describe('the succession of a coordinator’s keys', () => {
  it('leads from any key that was pinned to the one that is shown', () => {
    expect(signersSince(pinned(0), chain, pinned(2))).to.deep.equal([signer(0), signer(1), signer(2)]);
    expect(signersSince(pinned(1), chain, pinned(2))).to.deep.equal([signer(1), signer(2)]);
    expect(signersSince(pinned(2), chain, pinned(2))).to.deep.equal([signer(2)]);
    expect(signersSince(pinned(0), [], pinned(0)), 'nothing has changed').to.deep.equal([signer(0)]);
  });

  it('does not lead back, nor to keys that nobody announced, nor past a missing link', () => {
    expect(signersSince(pinned(2), chain, pinned(0))).to.equal(null);
    expect(signersSince(pinned(0), chain, pinned(3))).to.equal(null);
    expect(signersSince(pinned(0), chain.slice(1), pinned(2))).to.equal(null);
    expect(signersSince(pinned(0), chain.slice(0, 1), pinned(2))).to.equal(null);
    expect(signersSince(pinned(3), chain, pinned(2))).to.equal(null);
    const otherBox = { ...pinned(2), boxKey: pinned(3).boxKey };
    expect(signersSince(pinned(0), chain, otherBox), 'the box key is announced too').to.equal(null);
  });

  it('needs both signatures: whoever holds one end of a link cannot make it', () => {
    const honest = announceKeys(first, second);
    expect(isSuccession(honest)).to.equal(true);
    // The thief has keys of its own and says that the pinned key announced them.
    const claimed: KeySuccession = { ...announceKeys(stranger, second), from: signer(0) };
    expect(isSuccession(claimed)).to.equal(false);
    expect(signersSince(pinned(0), [claimed], pinned(1))).to.equal(null);
    // The old key alone names a key whose owner never agreed.
    const imposed = { ...honest, newSignature: honest.oldSignature };
    expect(isSuccession(imposed)).to.equal(false);
    const moved = { ...honest, keys: pinned(2) };
    expect(isSuccession(moved)).to.equal(false);
  });

  it('names all signers in their order, or none when a link is missing', () => {
    expect(allSigners(chain, signer(2))).to.deep.equal([signer(0), signer(1), signer(2)]);
    expect(allSigners([], signer(0))).to.deep.equal([signer(0)]);
    expect(allSigners(chain.slice(0, 1), signer(2))).to.equal(null);
    expect(allSigners(chain.toReversed(), signer(2))).to.equal(null);
  });
});
