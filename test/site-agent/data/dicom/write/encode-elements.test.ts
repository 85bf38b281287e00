import { expect } from 'chai';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { characterSetFor, encodeText } from '@fedoxnet/site-agent/data/dicom/write/character-set';
import { part10File } from '@fedoxnet/site-agent/data/dicom/part-10-file';
import { encodeElements, type DicomItem } from '@fedoxnet/site-agent/data/dicom/write/encode-elements';
import { toImplicit } from '@fedoxnet/site-agent/data/dicom/write/implicit';
import { namedUid, newUid } from '@fedoxnet/site-agent/data/dicom/write/uid';

const hex = (elements: DicomItem): string => encodeElements(elements, null).toString('hex');

describe('DICOM elements as bytes', () => {
  it('have tag, representation, length and an even value, ascending by tag', () => {
    const file = hex([
      ['x00080018', 'UI', '1.2'],
      ['x00080005', 'CS', 'ISO_IR 100'],
      ['x00100010', 'PN', ''],
    ]);
    // (0008,0005) CS 10 bytes · (0008,0018) UI 4 bytes, zero at the end · (0010,0010) PN nothing
    expect(file).to.equal(
      ['0800050043530a00', '49534f5f495220313030', '0800180055490400', '312e3200', '10001000504e0000'].join(
        '',
      ),
    );
  });

  it('hold numbers in little endian, lists with backslashes, and long lengths where the standard wants them', () => {
    expect(hex([['x00700022', 'FL', [0.5, -2]]])).to.equal('70002200464c08000000003f000000c0');
    expect(hex([['x00700052', 'SL', [1, -1]]])).to.equal('70005200534c080001000000ffffffff');
    expect(hex([['x00280034', 'IS', ['1', '1']]])).to.equal('2800340049530400315c3120');
    expect(hex([['x0040a160', 'UT', 'a']])).to.equal('400060a15554000002000000' + '6120');
  });

  it('nest: a sequence holds items with their lengths', () => {
    expect(hex([['x00081111', 'SQ', [[['x00080100', 'SH', 'ab']], []]]])).to.equal(
      '08001111' +
        '53510000' +
        '1a000000' +
        'feff00e00a000000' +
        '080000015348020' +
        '06162' +
        'feff00e000000000',
    );
  });

  it('of a value that is too long for its representation are not written', () => {
    expect(() => hex([['x00080104', 'LO', 'x'.repeat(70_000)]])).to.throw(RangeError);
  });

  it('come back from a file', () => {
    const elements: DicomItem = [
      ['x00100010', 'PN', 'Müller^Jörg'],
      ['x00280010', 'US', 512],
      ['x00081115', 'SQ', [[['x0020000e', 'UI', '1.2.3']]]],
    ];
    const meta = { sopClass: '1.2', sopInstance: '1.3', transferSyntax: '1.2.840.10008.1.2.1' };
    const file = part10File(meta, encodeElements(elements, 'ISO_IR 100'));
    const { dataSet } = parseDicomFile(file);
    expect(dataSet.string('x00100010')).to.equal('M\xfcller^J\xf6rg'); // Latin-1 bytes
    expect(dataSet.uint16('x00280010')).to.equal(512);
    expect(dataSet.items('x00081115')[0]?.string('x0020000e')).to.equal('1.2.3');
    expect(dataSet.string('x00020003')).to.equal('1.3');
  });
});

describe('elements in Implicit VR', () => {
  it('have no representations and four bytes of length, inside sequences too', () => {
    const explicit = encodeElements(
      [
        ['x00081111', 'SQ', [[['x00080100', 'SH', 'ab']], []]],
        ['x00280010', 'US', 512],
      ],
      null,
    );
    // The item of 10 bytes stays as long: two bytes of representation and two of length become four of length.
    expect(toImplicit(explicit).toString('hex')).to.equal(
      ['08001111', '1a000000', 'feff00e00a000000', '0800000102000000', '6162', 'feff00e000000000'].join('') +
        '2800100002000000' +
        '0002',
    );
  });
});

describe('texts in a character set', () => {
  it('are UTF-8 or Latin-1 where the set is one, else plain letters', () => {
    expect(encodeText('Erguß', 'ISO_IR 192').toString('utf8')).to.equal('Erguß');
    expect(encodeText('Erguß', 'ISO_IR 100').toString('latin1')).to.equal('Erguß');
    expect(encodeText('Ω-Écho', 'ISO_IR 100').toString('latin1')).to.equal('?-Echo');
    expect(encodeText('Épanchement', '\\ISO 2022 IR 87').toString('latin1')).to.equal('Epanchement');
  });

  it('take the set of the film whose texts they stand beside', () => {
    expect(characterSetFor('ISO_IR 100', [])).to.equal('ISO_IR 100');
    expect(characterSetFor(null, [Buffer.from('Meyer')])).to.equal('ISO_IR 192');
    expect(characterSetFor(null, [Buffer.from('Müller', 'latin1')])).to.equal(null); // nobody knows what it is
  });
});

describe('UIDs', () => {
  it('are UUIDs under 2.25, new ones each time, named ones the same for the same parts', () => {
    const uids = [newUid(), newUid(), namedUid('a', 'b'), namedUid('ab', ''), namedUid('a', 'b')];
    expect(new Set(uids).size).to.equal(4);
    for (const uid of uids) {
      expect(uid).to.match(/^2\.25\.[1-9][0-9]{0,38}$/);
      const uuid = BigInt(uid.slice(5)).toString(16).padStart(32, '0');
      expect(uuid[12]).to.equal(uid === uids[0] || uid === uids[1] ? '4' : '8'); // version
      expect(uuid[16]).to.match(/[89ab]/); // variant
    }
  });
});
