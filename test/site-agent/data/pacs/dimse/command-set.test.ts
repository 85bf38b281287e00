import { expect } from 'chai';
import { COMMAND, decodeCommand, encodeCommand } from '@fedoxnet/site-agent/data/pacs/dimse/command-set';
import { PduInvalid } from '@fedoxnet/site-agent/data/pacs/dimse/pdu';

describe('command set of a DIMSE message', () => {
  it('is written as PS3.7, 6.3.1 says: implicit little endian, ascending, its length first', () => {
    const bytes = encodeCommand(
      { field: COMMAND.echoRequest, messageId: 7, sopClass: '1.2.840.10008.1.1' },
      false,
    );
    expect(bytes.toString('hex')).to.equal(
      '00000000' +
        '04000000' +
        '38000000' + // 56 bytes follow
        '00000200' +
        '12000000' +
        '312e322e3834302e31303030382e312e3100' + // 17 characters and a zero
        '00000001' +
        '02000000' +
        '3000' +
        '00001001' +
        '02000000' +
        '0700' +
        '00000008' +
        '02000000' +
        '0101', // no data set
    );
  });

  it('is read as it was written', () => {
    const command = {
      ...{ field: COMMAND.getResponse, respondsTo: 65_535, status: 0xff00, sopInstance: '2.25.1' },
      ...{ remaining: 3, completed: 1, failed: 0, moveDestination: 'SITE' },
    };
    expect(decodeCommand(encodeCommand(command, true))).to.deep.equal({ command, hasDataSet: true });
  });

  it('cut short or of another group is refused', () => {
    const bytes = encodeCommand({ field: COMMAND.echoRequest, messageId: 1 }, false);
    for (let length = 0; length < bytes.length; length++)
      try {
        decodeCommand(bytes.subarray(0, length));
      } catch (error) {
        expect(error, `cut at ${length}`).to.be.instanceOf(PduInvalid);
      }
    const other = Buffer.from(bytes);
    other.writeUInt16LE(8, 0);
    expect(() => decodeCommand(other)).to.throw(PduInvalid, 'damaged');
    expect(() => decodeCommand(Buffer.alloc(0))).to.throw(PduInvalid, 'which it is');
  });
});
