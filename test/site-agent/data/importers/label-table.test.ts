import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { z } from 'zod';
import { readTable } from '@fedoxnet/site-agent/data/importers/label-table';
import { decimal, decimalOrEmpty, named } from '@fedoxnet/site-agent/data/importers/table-fields';
import { rejection } from '../../../support/rejection.js';

const schema = z.object({ film: named, label: named, x: decimalOrEmpty });

async function read<S extends z.ZodObject>(content: string | Buffer | Buffer[], row: S, name = 'labels.csv') {
  const refused: [number, string][] = [];
  const rows: [number, z.output<S>][] = [];
  const pieces = Array.isArray(content) ? content : [Buffer.from(content)];
  const table = { name, open: () => Readable.from(pieces) };
  for await (const { line, row: entry } of readTable(table, row, (at, reason) => refused.push([at, reason])))
    rows.push([line, entry]);
  return { rows, refused };
}

describe('readTable', () => {
  it('gives each row the line on which it ends, empty lines and quoted line breaks counted', async () => {
    const { rows } = await read('film,label,x\na,Mass,1\n\n"b","Mass, left\nlobe",\nc,Nodule,2.5\n', schema);
    expect(rows).to.deep.equal([
      [2, { film: 'a', label: 'Mass', x: 1 }],
      [5, { film: 'b', label: 'Mass, left\nlobe', x: null }],
      [6, { film: 'c', label: 'Nodule', x: 2.5 }],
    ]);
  });

  it('reads what spreadsheets write: marks, CRLF, semicolons, tabs, UTF-16, .gz', async () => {
    const plain = 'film,label,x\r\na,Mass,1\r\n';
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(plain.replaceAll(',', '\t'), 'utf16le'),
    ]);
    const texts: [Buffer, string][] = [
      [Buffer.from(`\ufeff${plain}`), 'labels.csv'],
      [Buffer.from(plain.replaceAll(',', ';')), 'labels.csv'],
      [utf16, 'labels.csv'],
      [gzipSync(plain), 'labels.csv.gz'],
    ];
    for (const [text, name] of texts) {
      const { rows, refused } = await read(text, schema, name);
      expect(rows, name).to.deep.equal([[2, { film: 'a', label: 'Mass', x: 1 }]]);
      expect(refused).to.deep.equal([]);
    }
  });

  it('reads letters that lie across two pieces of the stream', async () => {
    const text = Buffer.from('film,label,x\nä,Mass,\n');
    const cut = text.indexOf(0xc3) + 1;
    const { rows } = await read([text.subarray(0, cut), text.subarray(cut)], schema);
    expect(rows[0]?.[1].film).to.equal('ä');
  });

  it('keeps the names into which a header with commas is cut, and rows shorter than it', async () => {
    const boxes = z.object({ 'Bbox [x': decimal, y: decimal, w: decimal, 'h]': decimal });
    const { rows } = await read('Image Index,Finding Label,Bbox [x,y,w,h],,,\na.png,Mass,1,2,3,4\n', boxes);
    expect(rows).to.deep.equal([[2, { 'Bbox [x': 1, y: 2, w: 3, 'h]': 4 }]]);
  });

  it('refuses a wrong row with line and column and reads on', async () => {
    const { rows, refused } = await read(
      'film,label,x\n,Mass,1\na,Mass,wide\nb\nc,Mass,1,2\nd,Mass,"1"2\ne,Mass,5\n',
      schema,
    );
    expect(rows).to.deep.equal([[7, { film: 'e', label: 'Mass', x: 5 }]]);
    expect(refused.map(([line]) => line)).to.deep.equal([2, 3, 4, 5, 6]);
    expect(refused[0]?.[1]).to.equal('column film: is empty');
    expect(refused[1]?.[1]).to.equal('column x: is not a number');
    expect(refused[2]?.[1]).to.equal('column label: is missing');
    expect(refused[3]?.[1]).to.equal('it has 4 fields, the header 3');
  });

  it('takes no empty cell for the number zero', async () => {
    const { refused } = await read('x\n""\n" "\n', z.object({ x: decimal }));
    expect(refused.map(([, reason]) => reason)).to.deep.equal([
      'column x: is not a number',
      'column x: is not a number',
    ]);
  });

  it('stops at a table that is none', async () => {
    const refuses = async (content: string | Buffer, text: string, name = 'labels.csv'): Promise<void> => {
      const { code, message } = await rejection(read(content, schema, name));
      expect([code, message]).to.deep.equal(['DATA_INVALID', message]);
      expect(message).to.include(name).and.include(text);
    };
    await refuses('', 'is empty');
    await refuses('film,x\na,1\n', 'has no column label');
    await refuses('film,label,film\na,b,c\n', 'has the column film twice');
    await refuses('film,label,x\na,"Mass,1\nb,Mass,2\n', 'is not a table');
    await refuses(
      gzipSync('film,label,x\na,Mass,1\n'.repeat(99)).subarray(0, 40),
      'is not a table',
      'cut.csv.gz',
    );
  });

  it('refuses the whole table when nobody takes its wrong rows', async () => {
    const table = {
      name: 'labels.csv',
      open: () => Readable.from([Buffer.from('film,label,x\na,b,wide\n')]),
    };
    const all = async (): Promise<void> => {
      for await (const row of readTable(table, schema)) expect(row).to.equal(null);
    };
    expect((await rejection(all())).message).to.equal('labels.csv, line 2, column x: is not a number.');
  });
});
