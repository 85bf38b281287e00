import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Journal, type RoundEntry } from '@fedoxnet/site-agent/agent/journal';
import { rejection } from '../../support/rejection.js';
import { scratchFolder } from './support/scratch.js';

const entry = (study: string, round: number, attempt = 1): RoundEntry => ({
  study,
  planHash: 'a'.repeat(64),
  round,
  attempt,
  release: round - 1,
  digest: 'b'.repeat(64),
  deadline: '2030-01-01T00:00:00.000Z',
  ticket: null,
  delivered: false,
});

describe('journal', () => {
  const home = scratchFolder();

  it('is read back by the next agent, one round per study', async () => {
    const journal = await Journal.open(home());
    await journal.put(entry('one', 1));
    await journal.put(entry('two', 5));
    await journal.put(entry('one', 2));
    const next = await Journal.open(home());
    expect(next.rounds()).to.deep.equal([entry('one', 2), entry('two', 5)]);
    expect(next.find('one', 2, 2), 'another attempt').to.equal(null);
  });

  it('does not forget a round that came after the one that ended', async () => {
    const journal = await Journal.open(home());
    await journal.put(entry('one', 2));
    await journal.remove(entry('one', 1));
    expect(journal.rounds()).to.have.length(1);
    await journal.remove(entry('one', 2));
    expect((await Journal.open(home())).rounds()).to.deep.equal([]);
  });

  it('is readable by its owner alone: it holds data keys', async () => {
    await (await Journal.open(home())).put(entry('one', 1));
    const { mode } = await stat(join(home(), 'journal.json'));
    expect(mode & 0o777).to.equal(0o600);
  });

  it('names the damaged file and field', async () => {
    await (await Journal.open(home())).put(entry('one', 1));
    const path = join(home(), 'journal.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"round":1', '"round":0'));
    const error = await rejection(Journal.open(home()));
    expect(error.code).to.equal('CONFIG_INVALID');
    expect(error.message).to.include(path).and.include('rounds.0.round');
  });
});
