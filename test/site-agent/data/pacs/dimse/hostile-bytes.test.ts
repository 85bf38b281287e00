import { expect } from 'chai';
import fc from 'fast-check';
import { DicomRefusal } from '@fedoxnet/site-agent/data/dicom/dicom-refusal';
import { COMMAND, decodeCommand, encodeCommand } from '@fedoxnet/site-agent/data/pacs/dimse/command-set';
import { decodeIdentifier, encodeIdentifier } from '@fedoxnet/site-agent/data/pacs/dimse/identifier';
import {
  decodeAssociateAccept,
  decodeAssociateReject,
  decodeAssociateRequest,
  encodeAssociateRequest,
} from '@fedoxnet/site-agent/data/pacs/dimse/negotiation';
import {
  decodeFragments,
  encodeFragments,
  PduInvalid,
  readPdus,
} from '@fedoxnet/site-agent/data/pacs/dimse/pdu';

const EXPLICIT = '1.2.840.10008.1.2.1';
const IMPLICIT = '1.2.840.10008.1.2';
const RUNS = 2000;

const request = encodeAssociateRequest({
  ...{ calledAe: 'PACS', callingAe: 'SITE', maxBody: 16_384, provides: ['1.2.3'] },
  contexts: [{ id: 1, abstractSyntax: '1.2.3', transferSyntaxes: [EXPLICIT, IMPLICIT] }],
});
const command = encodeCommand({ field: COMMAND.findResponse, respondsTo: 1, status: 0xff00 }, true);
const identifier = encodeIdentifier({ '0020000D': ['UI', '1.2'], '00080060': ['CS', 'CR'] }, EXPLICIT);
const fragments = Buffer.concat([...encodeFragments(1, true, command, 40)]);

/** A right message with a few bytes replaced and perhaps cut short, or bytes of no sense at all. */
const damaged = (right: Buffer) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(
        fc.array(fc.tuple(fc.nat(right.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(right.length),
      )
      .map(([changes, length]) => {
        const bytes = Buffer.from(right);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes.subarray(0, length);
      }),
  );

describe('bytes of a hostile or broken DICOM program', () => {
  const decoders: readonly [what: string, right: Buffer, decode: (bytes: Buffer) => unknown][] = [
    ['request of an association', request.subarray(6), decodeAssociateRequest],
    ['acceptance of an association', request.subarray(6), decodeAssociateAccept],
    ['rejection of an association', Buffer.from([0, 1, 1, 7]), decodeAssociateReject],
    ['command', command, decodeCommand],
    ['fragments', fragments.subarray(6), (bytes) => [...decodeFragments(bytes)]],
    ['answer to a query, explicit', identifier, (bytes) => decodeIdentifier(bytes, EXPLICIT)],
    ['answer to a query, implicit', identifier, (bytes) => decodeIdentifier(bytes, IMPLICIT)],
  ];
  const seed = Date.now() & 0x7fffffff;
  for (const [what, right, decode] of decoders)
    it(`are read as ${what} or refused, and nothing else happens (seed ${seed})`, () => {
      fc.assert(
        fc.property(damaged(right), (bytes) => {
          try {
            decode(bytes);
          } catch (error) {
            if (!(error instanceof PduInvalid) && !(error instanceof DicomRefusal)) throw error;
          }
        }),
        { seed, numRuns: RUNS },
      );
    });

  it(`are cut into units or refused, however they arrive (seed ${seed})`, async () => {
    const cut = async function* (bytes: Buffer, step: number): AsyncGenerator<Buffer> {
      for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
    };
    await fc.assert(
      fc.asyncProperty(damaged(fragments), fc.integer({ min: 1, max: 50 }), async (bytes, step) => {
        let taken = 0;
        try {
          for await (const { body } of readPdus(cut(bytes, step), 1000)) taken += 6 + body.length;
          expect(taken).to.equal(bytes.length); // nothing is passed over
        } catch (error) {
          if (!(error instanceof PduInvalid)) throw error;
        }
      }),
      { seed, numRuns: RUNS },
    );
  });
});
