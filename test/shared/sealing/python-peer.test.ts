import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { fromBase64, toBase64 } from '@fedoxnet/shared/sealing/base64';
import { chunkCount, chunkSeal, openChunk, sealChunk } from '@fedoxnet/shared/sealing/chunks';
import {
  generateDataKey,
  generateNoncePrefix,
  openDataKey,
  sealDataKey,
} from '@fedoxnet/shared/sealing/data-key';
import { releaseHeader, updateHeader } from '@fedoxnet/shared/sealing/header';
import { decodeKeys, generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import {
  APPROVAL_LABEL,
  approvalText,
  COORDINATOR_SESSION_LABEL,
  ENROL_LABEL,
  enrolText,
  SESSION_LABEL,
  sessionText,
} from '@fedoxnet/shared/sealing/session-texts';
import { signText } from '@fedoxnet/shared/sealing/signature';
import {
  canonicalHeader,
  headerHash,
  signHeader,
  verifyHeader,
} from '@fedoxnet/shared/sealing/signed-header';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { askPython, whyNoPython } from '../python-peer.js';
import { skipBecause } from '../../support/skip-because.js';
import { patternBytes, sealingVector as vector } from './sealing-vector.js';

describe('sealing, against the vector made in Python', () => {
  const keys = decodeKeys(JSON.stringify(vector.siteKeyFile));
  const plaintext = patternBytes(CHUNK_BYTES + 10);

  it('derives the same public keys', () => {
    expect(publicKeysOf(keys)).to.deep.equal(vector.siteKeys);
  });

  it('writes the same canonical header, hash and signature', () => {
    const header = updateHeader.parse(vector.header);
    expect(Buffer.from(canonicalHeader(header)).toString()).to.equal(vector.canonicalHeader);
    expect(Buffer.from(headerHash(header)).toString('hex')).to.equal(vector.headerHash);
    expect(signHeader(header, keys.sign.secretKey)).to.equal(vector.headerSignature);
    expect(verifyHeader(header, vector.headerSignature, vector.siteKeys.signKey)).to.equal(true);
  });

  it('opens the data key and both chunks, and seals the same bytes', () => {
    const secret = fromBase64(vector.coordinatorBoxSecretKey, 32, 'secret key');
    const dataKey = openDataKey(vector.header, secret);
    expect(toBase64(dataKey)).to.equal(vector.dataKey);
    const seal = chunkSeal(vector.header, dataKey);
    const sealed = [
      sealChunk(seal, 0, plaintext.subarray(0, CHUNK_BYTES)),
      sealChunk(seal, 1, plaintext.subarray(CHUNK_BYTES)),
    ];
    expect(sealed.map(digestOf)).to.deep.equal(vector.sealedChunkDigests);
    expect(toBase64(openChunk(seal, 1, Buffer.from(vector.lastSealedChunk, 'base64')))).to.equal(
      toBase64(plaintext.subarray(CHUNK_BYTES)),
    );
  });

  it('signs the same texts to enrol, to open a session and to approve', () => {
    const { enrol, session, approval } = vector;
    const sign = (label: string, text: string) => signText(label, text, keys.sign.secretKey);
    expect(sign(ENROL_LABEL, enrolText(enrol))).to.equal(enrol.signature);
    const text = sessionText(session.site, session.challenge, session.nonce);
    expect(sign(SESSION_LABEL, text)).to.equal(session.signature);
    expect(sign(COORDINATOR_SESSION_LABEL, text)).to.equal(session.coordinatorSignature);
    expect(sign(APPROVAL_LABEL, approvalText(approval.study, approval.hash))).to.equal(approval.signature);
  });
});

describe('sealing, opened by PyNaCl and cryptography', () => {
  before(function () {
    const reason = whyNoPython(['nacl.bindings', 'cryptography']);
    if (reason !== null) skipBecause(this, `stored vectors alone, because ${reason}`);
  });

  it('verifies and opens a release of two chunks', () => {
    const coordinator = generateKeys();
    const site = generateKeys();
    const plaintext = randomBytes(CHUNK_BYTES + 1);
    const header = releaseHeader.parse({
      kind: 'release',
      version: 1,
      study: 'chest-four',
      planHash: digestOf('plan'),
      digest: digestOf(plaintext),
      bytes: plaintext.length,
      chunks: chunkCount(plaintext.length),
      noncePrefix: generateNoncePrefix(),
      release: 2,
    });
    const dataKey = generateDataKey();
    const seal = chunkSeal(header, dataKey);
    const opened = askPython('sealing_peer.py', 'open', {
      header,
      signature: signHeader(header, coordinator.sign.secretKey),
      signKey: publicKeysOf(coordinator).signKey,
      boxSecretKey: toBase64(site.box.secretKey),
      key: sealDataKey(dataKey, publicKeysOf(site).boxKey),
      chunks: [0, 1].map((index) => {
        const piece = plaintext.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
        return toBase64(sealChunk(seal, index, piece));
      }),
    });
    expect(opened).to.deep.equal({ digest: header.digest, bytes: CHUNK_BYTES + 1 });
  });

  it('makes the stored vector again', () => {
    expect(askPython('sealing_peer.py', 'make')).to.deep.equal(vector);
  });
});
