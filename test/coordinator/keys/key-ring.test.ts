import { expect } from 'chai';
import { decodeRing, encodeRing, firstSignKey, openUpdateKey } from '@fedoxnet/coordinator/keys/key-ring';
import { generateDataKey, sealDataKey } from '@fedoxnet/shared/sealing/data-key';
import { announceKeys } from '@fedoxnet/shared/sealing/key-succession';
import { encodeKeys, generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';

describe('the key ring of a coordinator', () => {
  const [old, present, stranger] = [generateKeys(), generateKeys(), generateKeys()] as const;
  const ring = {
    ...present,
    formerBoxSecretKey: old.box.secretKey,
    succession: [announceKeys(old, present)],
  };

  it('is read as it was written, and from the plain form of one that never rotated', () => {
    expect(decodeRing(encodeRing(ring))).to.deep.equal(ring);
    expect(decodeRing(encodeKeys(old))).to.deep.equal({ ...old, formerBoxSecretKey: null, succession: [] });
    expect(() => decodeRing('{"version":2}')).to.throw('The key file is not one of fedoxnet');
    expect(() => decodeRing('secret')).to.throw('The key file is not JSON.');
  });

  it('knows the key with which its log begins', () => {
    expect(firstSignKey(ring)).to.equal(publicKeysOf(old).signKey);
    expect(firstSignKey({ ...old, formerBoxSecretKey: null, succession: [] })).to.equal(
      publicKeysOf(old).signKey,
    );
  });

  it('opens what was sealed for the keys before, and nothing that was sealed for others', () => {
    const dataKey = generateDataKey();
    const sealedFor = (keys: typeof old) => sealDataKey(dataKey, publicKeysOf(keys).boxKey);
    expect(openUpdateKey(sealedFor(present), ring)).to.deep.equal(dataKey);
    expect(openUpdateKey(sealedFor(old), ring)).to.deep.equal(dataKey);
    for (const keys of [ring, present]) {
      expect(() => openUpdateKey(sealedFor(stranger), keys)).to.throw('does not open with this key');
    }
    expect(() => openUpdateKey(sealedFor(old), present)).to.throw('does not open with this key');
  });
});
