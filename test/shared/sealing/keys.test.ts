import { expect } from 'chai';
import { base64Bytes } from '@fedoxnet/shared/ids';
import { publicKeys } from '@fedoxnet/shared/protocol/http-messages';
import { toBase64 } from '@fedoxnet/shared/sealing/base64';
import { generateDataKey, openDataKey, sealDataKey } from '@fedoxnet/shared/sealing/data-key';
import { decodeKeys, encodeKeys, generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { signText, verifyText } from '@fedoxnet/shared/sealing/signature';
import { signHeader, verifyHeader } from '@fedoxnet/shared/sealing/signed-header';
import { expectRefusal } from '../refusal.js';
import { sealingVector } from './sealing-vector.js';

describe('a key file', () => {
  it('gives back the keys it was made from', () => {
    const keys = generateKeys();
    expect(decodeKeys(encodeKeys(keys))).to.deep.equal(keys);
    expect(publicKeys.parse(publicKeysOf(keys))).to.deep.equal(publicKeysOf(keys));
  });

  it('is refused by the name of its wrong field, without a word of its content', () => {
    const secret = 'c2VjcmV0';
    expectRefusal(() => decodeKeys(secret), 'CONFIG_INVALID', 'not JSON');
    const file = JSON.stringify({ version: 1, signSeed: secret, boxSecretKey: secret });
    try {
      decodeKeys(file);
      expect.fail('was accepted');
    } catch (error) {
      expect(String(error)).to.contain('signSeed').and.not.contain(secret);
    }
  });
});

describe('signatures', () => {
  const keys = generateKeys();
  const { signKey } = publicKeysOf(keys);
  const signature = signText('fedoxnet enrol v1', 'text', keys.sign.secretKey);

  it('hold for their label, text and key alone', () => {
    expect(verifyText('fedoxnet enrol v1', 'text', signature, signKey)).to.equal(true);
    expect(verifyText('fedoxnet session v1', 'text', signature, signKey)).to.equal(false);
    expect(verifyText('fedoxnet enrol v1', 'text ', signature, signKey)).to.equal(false);
    const other = publicKeysOf(generateKeys()).signKey;
    expect(verifyText('fedoxnet enrol v1', 'text', signature, other)).to.equal(false);
  });

  it('cannot move text into the label', () => {
    expect(() => signText('fedoxnet\nenrol', 'text', keys.sign.secretKey)).to.throw(TypeError);
  });

  it('are refused when they are not 64 bytes of base64', () => {
    const act = (): boolean => verifyText('a', 'b', signature.slice(4), signKey);
    expectRefusal(act, 'MESSAGE_INVALID', 'signature');
  });

  it('cover every field of a header', () => {
    const header = sealingVector.header;
    const mine = signHeader(header, keys.sign.secretKey);
    expect(verifyHeader(header, mine, signKey)).to.equal(true);
    for (const change of [
      { round: 4 },
      { attempt: 2 },
      { site: 'hospital-b' },
      { masses: { ...header.masses, films: 641 } },
    ]) {
      expect(verifyHeader({ ...header, ...change }, mine, signKey)).to.equal(false);
    }
  });
});

describe('a sealed data key', () => {
  const receiver = generateKeys();
  const dataKey = generateDataKey();
  const sealed = sealDataKey(dataKey, publicKeysOf(receiver).boxKey);

  it('opens for its receiver alone', () => {
    expect(openDataKey(sealed, receiver.box.secretKey)).to.deep.equal(dataKey);
    expectRefusal(
      () => openDataKey(sealed, generateKeys().box.secretKey),
      'DATA_KEY_NOT_AUTHENTIC',
      'does not open',
    );
  });

  it('does not open once altered', () => {
    const bytes = Buffer.from(sealed.sealedKey, 'base64');
    bytes[47] = (bytes[47] ?? 0) ^ 1;
    expectRefusal(
      () => openDataKey({ ...sealed, sealedKey: toBase64(bytes) }, receiver.box.secretKey),
      'DATA_KEY_NOT_AUTHENTIC',
      'does not open',
    );
  });

  it('never repeats: each is sealed from a key of its own', () => {
    const again = sealDataKey(dataKey, publicKeysOf(receiver).boxKey);
    expect(again.ephemeralKey).to.not.equal(sealed.ephemeralKey);
    expect(again.sealedKey).to.not.equal(sealed.sealedKey);
  });
});

describe('base64Bytes', () => {
  it('accepts exactly the text that its number of bytes gives', () => {
    for (const length of [7, 32, 48, 64]) {
      const schema = base64Bytes(length);
      for (const bytes of [length - 1, length, length + 1]) {
        const text = toBase64(new Uint8Array(bytes).fill(255));
        expect(schema.safeParse(text).success, `${bytes} as ${length}`).to.equal(bytes === length);
      }
    }
  });

  it('refuses a second spelling of the same bytes', () => {
    expect(base64Bytes(7).safeParse('AAAAAAAAAA==').success).to.equal(true);
    expect(base64Bytes(7).safeParse('AAAAAAAAAB==').success).to.equal(false);
  });
});
