import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FAILPOINTS } from '@fedoxnet/shared/failpoints/failpoints';
import { allCases, type ChaosCase } from './support/cases.js';
import { Grounds } from './support/grounds.js';
import { details, mergeRows, readRows, summary, type MatrixRow } from './support/matrix.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PRODUCT = ['shared', 'coordinator', 'site-agent', 'migrations'];

/** Named by the study's actor for whichever state a step leads to. */
const STEPS = /^coordinator\.\w+\.stor(ing|ed)$/;

/** Names in the calls of `failpoint` in the sources of the product. */
async function failpointsNamed(): Promise<Set<string>> {
  const named = new Set<string>();
  for (const part of PRODUCT) {
    for (const file of await readdir(join(ROOT, part), { recursive: true })) {
      if (!file.endsWith('.ts') || /(^|\/)(dist|node_modules)\//.test(file)) continue;
      const source = await readFile(join(ROOT, part, file), 'utf8');
      for (const [, name = ''] of source.matchAll(/\bfailpoint\(\s*'([^']+)'/g)) named.add(name);
    }
  }
  return named;
}

describe('the matrix of faults', () => {
  const row = (fault: string, phase: MatrixRow['phase'], place: string, result: string): MatrixRow => ({
    ...{ fault, phase, place, result },
  });
  const rows = [
    row('kill', 'train', 'a', 'identical'),
    row('kill', 'train', 'b | c', 'release 2 is another'),
    row('disk full', 'upload', 'a', 'skipped: not as this user'),
  ];

  it('counts what was identical among what was tried', () => {
    expect(summary(rows).split('\n').slice(2)).to.deep.equal([
      '| disk full |  |  |  |  | skipped |  |  |  |',
      '| kill |  |  |  | 1/2 |  |  |  |  |',
    ]);
  });

  it('is read as it was written', () => {
    expect(readRows(`${summary(rows)}\n\n## Every case\n\n${details(rows)}\n`)).to.have.deep.members(rows);
    expect(readRows('nothing')).to.deep.equal([]);
  });

  it('keeps the rows of cases that were not tried, and drops those of cases that are gone', () => {
    const cases = (['a', 'b | c', 'new'] as const).map((place): ChaosCase => ({
      fault: 'kill',
      phase: 'train',
      place,
      ground: 'plain',
    }));
    const now = [row('kill', 'train', 'b | c', 'identical')];
    expect(mergeRows(cases, rows, now)).to.deep.equal([rows[0], now[0]]);
  });

  describe('in the repository', () => {
    const nameOf = ({ fault, phase, place }: Omit<MatrixRow, 'result'>): string =>
      `${fault} | ${phase} | ${place}`;
    let stored: MatrixRow[];
    before(async () => {
      stored = readRows(await readFile(join(ROOT, 'test/chaos/MATRIX.md'), 'utf8'));
    });

    it('has a row for every case and for no other: `npm run chaos -- TEXT` makes those of cases that are new', () => {
      const cases = allCases(new Grounds(1)).map(nameOf);
      expect(new Set(cases).size, 'no two cases alike').to.equal(cases.length);
      expect(stored.map(nameOf).sort()).to.deep.equal(cases.sort());
    });

    it('has a kill at every failpoint, and the product names each of them', async () => {
      const kills = stored.filter(({ fault }) => fault.startsWith('kill')).map(({ place }) => place);
      expect(kills.sort()).to.deep.equal([...FAILPOINTS].sort());
      const named = await failpointsNamed();
      expect(FAILPOINTS.filter((point) => !named.has(point) && !STEPS.test(point))).to.deep.equal([]);
      expect([...named].filter((name) => !(FAILPOINTS as readonly string[]).includes(name))).to.deep.equal(
        [],
      );
    });

    it('counts what its rows say', async () => {
      expect(await readFile(join(ROOT, 'test/chaos/MATRIX.md'), 'utf8')).to.contain(`\n${summary(stored)}\n`);
    });
  });
});
