import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { ERRORS, isErrorCode } from '@fedoxnet/shared/errors';
import { CHUNK_BYTES, MAX_CHUNKS, MAX_JSON_BYTES, MAX_SOCKET_BYTES } from '@fedoxnet/shared/protocol/limits';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { SUCCESSION_LABEL } from '@fedoxnet/shared/sealing/key-succession';
import { HEADER_LABEL } from '@fedoxnet/shared/sealing/signed-header';
import {
  APPROVAL_LABEL,
  COORDINATOR_SESSION_LABEL,
  ENROL_LABEL,
  SESSION_LABEL,
} from '@fedoxnet/shared/sealing/session-texts';
import { sealingVector as vector } from '../sealing/sealing-vector.js';

const text = readFileSync(new URL('../../../../shared/protocol/PROTOCOL.md', import.meta.url), 'utf8');

describe('PROTOCOL.md', () => {
  it('describes this version', () => {
    expect(text).to.contain(`# The fedoxnet protocol, version ${PROTOCOL}\n`);
  });

  it('names only error codes that exist', () => {
    const named = [...text.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code]) => code);
    expect(named).to.include.members(['CHUNK_NOT_AUTHENTIC', 'PROTOCOL_VERSION', 'ROUND_CLOSED']);
    for (const code of named) expect(isErrorCode(code), code).to.equal(true);
  });

  it('has the labels and limits of the code', () => {
    for (const label of [
      ENROL_LABEL,
      SESSION_LABEL,
      COORDINATOR_SESSION_LABEL,
      SUCCESSION_LABEL,
      APPROVAL_LABEL,
      HEADER_LABEL,
    ]) {
      expect(text).to.contain(`| \`${label}\` |`);
    }
    expect(text).to.contain(`⌈bytes / ${CHUNK_BYTES}⌉`);
    expect(text).to.contain(`| chunks of one update or release | ${MAX_CHUNKS} |`);
    expect(text).to.contain(`| JSON body over HTTP, either way | ${MAX_JSON_BYTES / 2 ** 20} MiB`);
    expect(text).to.contain(`| socket message of a site | ${MAX_SOCKET_BYTES / 2 ** 10} KiB |`);
  });

  it('works its example with the numbers of the vector', () => {
    for (const value of [
      vector.coordinatorBoxKey,
      vector.siteKeys.signKey,
      vector.canonicalHeader,
      vector.headerHash,
      vector.headerSignature,
      ...vector.chunkNonces,
      vector.sealedChunkDigests[0],
      vector.lastSealedChunk,
    ]) {
      expect(text).to.contain(value);
    }
  });

  it('is where errors send people who must read it', () => {
    expect(ERRORS.MESSAGE_INVALID.help).to.contain('PROTOCOL.md');
  });
});
