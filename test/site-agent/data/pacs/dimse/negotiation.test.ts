import { expect } from 'chai';
import {
  decodeAssociateAccept,
  decodeAssociateReject,
  decodeAssociateRequest,
  encodeAssociateAccept,
  encodeAssociateReject,
  encodeAssociateRequest,
  NOT_RECOGNISED,
} from '@fedoxnet/site-agent/data/pacs/dimse/negotiation';
import { PduInvalid } from '@fedoxnet/site-agent/data/pacs/dimse/pdu';

const HEAD = 6;
const REQUEST = {
  calledAe: 'PACS',
  callingAe: 'SITE 1',
  contexts: [
    { id: 1, abstractSyntax: '1.2', transferSyntaxes: ['1.2.3', '1.2.4'] },
    { id: 3, abstractSyntax: '1.3', transferSyntaxes: ['1.2.3'] },
  ],
  maxBody: 16_384,
  provides: ['1.3'],
};

describe('negotiation of an association', () => {
  it('asks as PS3.8, 9.3.2 lays it out', () => {
    const bytes = encodeAssociateRequest(REQUEST);
    expect(bytes.readUInt8(0)).to.equal(1);
    expect(bytes.readUInt32BE(2)).to.equal(bytes.length - HEAD);
    const body = bytes.subarray(HEAD);
    expect(body.readUInt16BE(0)).to.equal(1); // protocol version
    expect(body.toString('latin1', 4, 36)).to.equal('PACS            SITE 1          ');
    const hex = body.subarray(68).toString('hex');
    expect(hex.slice(0, 8)).to.equal('10000015'); // application context, a name of 21 characters
    const [context] = /200000[0-9a-f]{2}01000000.*?(?=20)/.exec(hex) ?? [];
    expect(context).to.equal(
      '2000001d' + '01000000' + '30000003' + '312e32' + '40000005' + '312e322e33' + '40000005' + '312e322e34',
    );
    expect(hex).to.include('51000004' + '00004000'); // 16384 bytes at most
    expect(hex).to.include('54000007' + '0003' + '312e33' + '0001'); // no user, but provider of 1.3
  });

  it('is read as it was asked', () => {
    const read = decodeAssociateRequest(encodeAssociateRequest(REQUEST).subarray(HEAD));
    expect(read).to.deep.equal({ ...REQUEST, provides: [] });
  });

  it('tells which contexts are agreed on', () => {
    const accept = {
      contexts: [
        { id: 1, result: 0, transferSyntax: '1.2.4' },
        { id: 3, result: 3, transferSyntax: '1.2.3' },
      ],
      maxBody: 0,
    };
    expect(decodeAssociateAccept(encodeAssociateAccept(REQUEST, accept).subarray(HEAD))).to.deep.equal(
      accept,
    );
  });

  it('tells why it is refused', () => {
    const bytes = encodeAssociateReject(NOT_RECOGNISED.calledAe);
    expect(bytes.toString('hex')).to.equal('0300' + '00000004' + '00010107');
    expect(decodeAssociateReject(bytes.subarray(HEAD))).to.deep.equal({ result: 1, source: 1, reason: 7 });
  });

  it('cut short anywhere is refused or read, and never runs on', () => {
    const body = encodeAssociateRequest(REQUEST).subarray(HEAD);
    for (let length = 0; length < body.length; length++)
      try {
        decodeAssociateRequest(body.subarray(0, length));
      } catch (error) {
        expect(error, `cut at ${length}`).to.be.instanceOf(PduInvalid);
      }
  });
});
