import { expect } from 'chai';
import {
  decodeFragments,
  encodeFragments,
  encodePdu,
  PDU,
  PduInvalid,
  readPdus,
  type Pdu,
} from '@fedoxnet/site-agent/data/pacs/dimse/pdu';

const HEAD = 6;

async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

async function all(source: AsyncIterable<Pdu>): Promise<string[]> {
  const found: string[] = [];
  for await (const { type, body } of source) found.push(`${type}:${body.toString('hex')}`);
  return found;
}

async function invalid(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PduInvalid) return error.message;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

describe('protocol data units of the DICOM upper layer', () => {
  it('are cut out of a stream, wherever it is cut itself', async () => {
    const stream = Buffer.concat([
      encodePdu(PDU.releaseRequest, Buffer.alloc(4)),
      encodePdu(PDU.data, Buffer.from('c0ffee', 'hex'), Buffer.from('01', 'hex')),
      encodePdu(PDU.abort),
    ]);
    expect(stream.toString('hex')).to.equal(
      '0500' + '00000004' + '00000000' + '0400' + '00000004' + 'c0ffee01' + '0700' + '00000000',
    );
    const whole = ['5:00000000', '4:c0ffee01', '7:'];
    expect(await all(readPdus(pieces(stream), 4))).to.deep.equal(whole);
    for (let cut = 1; cut < stream.length; cut++)
      expect(
        await all(readPdus(pieces(stream.subarray(0, cut), stream.subarray(cut)), 4)),
        `at ${cut}`,
      ).to.deep.equal(whole);
    const bytes = [...stream].map((byte) => Uint8Array.of(byte));
    expect(await all(readPdus(pieces(...bytes), 4))).to.deep.equal(whole);
  });

  it('longer than we take are refused before they are held', async () => {
    const head = Buffer.from('040000000005', 'hex');
    expect(await invalid(all(readPdus(pieces(head), 4)))).to.include('has 5 bytes');
    expect(await invalid(all(readPdus(pieces(Buffer.from('01007fffffff', 'hex')), 4)))).to.include('type 1');
  });

  it('cut short are refused', async () => {
    expect(await invalid(all(readPdus(pieces(Buffer.from('0400000000040102', 'hex')), 4)))).to.include(
      'ended',
    );
  });

  it('carry a message in fragments no longer than the other side takes', () => {
    const message = Buffer.from('0123456789');
    const units = [...encodeFragments(5, false, message, HEAD + 4)];
    // 4, 4 and 2 bytes; the length counts context and control as well; 2 marks the last.
    expect(units.map((unit) => unit.subarray(HEAD).toString('hex'))).to.deep.equal([
      '00000006' + '05' + '00' + '30313233',
      '00000006' + '05' + '00' + '34353637',
      '00000004' + '05' + '02' + '3839',
    ]);
    const back = units.flatMap((unit) => [...decodeFragments(unit.subarray(HEAD))]);
    expect(Buffer.concat(back.map(({ value }) => value)).equals(message)).to.be.true;
    expect(back.map(({ isLast }) => isLast)).to.deep.equal([false, false, true]);
  });

  it('of an exact multiple end with a last fragment that is not empty, and an empty message has one', () => {
    expect([...encodeFragments(1, true, Buffer.alloc(8), HEAD + 4)]).to.have.length(2);
    const [only, ...others] = [...encodeFragments(1, true, Buffer.alloc(0), HEAD + 4)];
    expect(others).to.have.length(0);
    expect([...decodeFragments((only as Buffer).subarray(HEAD))][0]).to.include({
      isCommand: true,
      isLast: true,
    });
  });

  it('whose fragments lead out of them are refused', () => {
    for (const body of ['00', '000000ff0103', '0000000101030000', '00000000' + '0000'])
      expect(() => [...decodeFragments(Buffer.from(body, 'hex'))], body).to.throw(PduInvalid);
  });
});
