import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { headerValues } from '@fedoxnet/site-agent/data/privacy/header-values';
import { ValueSearch } from '@fedoxnet/site-agent/data/privacy/value-search';
import { dicomFile, type Element } from '../dicom/dicom-file.js';

const value = (text: string, tag = '(0010,0010)') => ({ tag, bytes: Buffer.from(text) });
const views = (text: string, haystack: Uint8Array): string[] =>
  new ValueSearch([value(text)]).find(Buffer.from(haystack)).map(({ view }) => view);
const around = (planted: Uint8Array): Buffer => Buffer.concat([randomBytes(999), planted, randomBytes(1000)]);

/** A search that finds nothing proves nothing unless it would have found something. */
describe('the search for header values', () => {
  it('finds a value in noise, in every spelling', () => {
    const name = Buffer.from('Testcase^Frida');
    expect(views('Testcase^Frida', around(name))).to.deep.equal(['bytes']);
    expect(views('Testcase^Frida', around(Buffer.from('TESTCASE^FRIDA')))).to.deep.equal(['capitals']);
    expect(views('Testcase^Frida', around(Buffer.from('Testcase^Frida', 'utf16le')))).to.deep.equal([
      'UTF-16',
    ]);
    expect(views('Testcase^Frida', around(Buffer.from(name.toString('hex'))))).to.deep.equal(['hexadecimal']);
    for (const before of ['', 'a', 'ab']) {
      const coded = Buffer.from(Buffer.from(`${before}Testcase^Frida and more`).toString('base64'));
      expect(views('Testcase^Frida', around(coded)), before).to.deep.equal(['base64']);
    }
    expect(views('Ärztin "X"', around(Buffer.from(JSON.stringify('Ärztin "X"'))))).to.deep.equal(['JSON']);
    expect(views('20190315', Buffer.from('at 2019-03-15 12:00'))).to.deep.equal(['a date']);
  });

  it('takes a short value as a whole word of text only', () => {
    expect(views('Doe', Buffer.from('{"name":"Doe"}'))).to.deep.equal(['bytes']);
    expect(views('Doe', Buffer.from('{"name":"Does it matter"}'))).to.deep.equal([]);
    expect(views('Doe', around(Buffer.from('Doe')))).to.deep.equal([]);
    expect(views('101500', Buffer.from('loss 0.1015004, step 7'))).to.deep.equal([]);
    expect(views('101500', Buffer.from('at 101500 of that day'))).to.deep.equal(['bytes']);
  });

  it('finds nothing in noise', () => {
    const search = new ValueSearch(Array.from({ length: 500 }, () => value(randomBytes(4).toString('hex'))));
    expect(search.find(randomBytes(2_000_000))).to.deep.equal([]);
  });
});

describe('the values of a header', () => {
  it('are those that name someone or something, with private ones and those in sequences', () => {
    const elements: Element[] = [
      ['00080016', 'UI', '1.2.840.10008.5.1.4.1.1.1.1'],
      ['00080018', 'UI', '1.2.3.4.5.6'],
      ['00080060', 'CS', 'DX'],
      ['00100010', 'PN', 'Doe^Jane^Q'],
      ['00180015', 'CS', 'CHEST'],
      ['00181164', 'DS', '0.143'],
      ['00190010', 'LO', 'VENDOR'],
      ['00191001', 'OB', Buffer.from('copy of Doe')],
      ['00280010', 'US', 64],
      ['00400275', 'SQ', [[['00400009', 'SH', 'STEP-7']]]],
    ];
    const { dataSet } = parseDicomFile(dicomFile(elements));
    const found = headerValues(dataSet).map(({ tag, bytes }) => `${tag} ${bytes.toString()}`);
    expect(found).to.deep.equal([
      '(0008,0018) 1.2.3.4.5.6',
      '(0010,0010) Doe^Jane^Q',
      '(0010,0010) Doe',
      '(0010,0010) Jane',
      '(0019,0010) VENDOR',
      '(0019,1001) copy of Doe',
      '(0040,0009) STEP-7',
    ]);
  });
});
