import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { readJsonArray } from '@fedoxnet/site-agent/files/json-array';
import { rejection } from '../../support/rejection.js';

describe('readJsonArray', () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-json-'));
    path = join(folder, 'list.json');
  });
  after(() => rm(folder, { recursive: true }));

  async function read(text: string): Promise<unknown[]> {
    await writeFile(path, text);
    const entries: unknown[] = [];
    for await (const entry of readJsonArray(path, 'DATA_INVALID')) entries.push(entry);
    return entries;
  }

  it('gives what JSON.parse gives, whatever is in the entries (property)', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.constantFrom(0, 1, '\t'), async (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(await read(text)).to.deep.equal(JSON.parse(text));
      }),
      { numRuns: 60 },
    ));

  it('takes brackets, commas and quotes in strings for what they are', async () => {
    const entries = ['],[', '"', '\\', '\\"]', { 'a,b': [1, [2, ']']] }, '\u{1F9E0}'];
    expect(await read(JSON.stringify(entries))).to.deep.equal(entries);
  });

  it('reads a file longer than its pieces, characters of several bytes across their borders', async () => {
    const entries = Array.from({ length: 40_000 }, (_, i) => ({ name: `ä€🫁${i}` }));
    expect(await read(`\uFEFF ${JSON.stringify(entries)}\n`)).to.deep.equal(entries);
  });

  for (const [text, message] of [
    ['', 'is empty'],
    ['{}', 'is not a JSON array'],
    ['[1, 2', 'ends within entry 2'],
    ['["a]', 'ends within entry 1'],
    ['[1,]', 'is not JSON in entry 2'],
    ['[,1]', 'is not JSON in entry 1'],
    ['[1 2]', 'is not JSON in entry 1'],
    ['[1}]', 'is not JSON in entry 1'],
    ['[1] 2', 'is not a JSON array'],
    ['[[1]]]', 'is not a JSON array'],
    [`["${'x'.repeat(3_000_000)}"]`, 'more than 1048576 characters in entry 1'],
  ] as const) {
    it(`refuses ${text.slice(0, 12)}`, async () => {
      const error = await rejection(read(text));
      expect(error.code).to.equal('DATA_INVALID');
      expect(error.message).to.contain(path).and.contain(message);
    });
  }
});
