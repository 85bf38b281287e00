import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { FilmRegister } from '@fedoxnet/site-agent/data/door/film-register';
import type { PullSummary } from '@fedoxnet/site-agent/data/pacs/pull';
import { claimOf } from '@fedoxnet/site-agent/files/process-lock';
import { phantomDicom } from '../dicom/phantom-dicom.js';
import { SiteOfOrthanc } from './support/site-of-orthanc.js';

const PROGRAM = fileURLToPath(new URL('../../../../../site-agent/bin/fedoxnet-site.mjs', import.meta.url));

describe('pull from Orthanc', () => {
  const FILMS = 8;
  const site = new SiteOfOrthanc(() =>
    Array.from({ length: FILMS }, (_, index) => phantomDicom({ number: index + 1 })),
  );

  it('killed in the middle, goes on where it was and leaves nothing half-written', async () => {
    const args = ['pull', '--home', site.home, '--out', site.out, '--films-per-second', '4', '--val', '0'];
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'ignore' });
    const register = join(site.out, 'private', 'films.jsonl');
    while ((await readFile(register, 'utf8').catch(() => '')).split('\n').length < 4)
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const before = [...(await FilmRegister.open(site.out, true)).entries].length;
    expect(before).to.be.within(3, FILMS - 1);
    await writeFile(join(site.out, 'films', 'film-half.png.0.tmp'), 'half');

    const { status, document } = await site.pull();
    expect(status).to.equal(0);
    expect(document).to.include({ found: FILMS, known: before, fetched: FILMS - before });
    const { films } = await readCatalogue(site.out);
    expect(films).to.have.length(FILMS);
    expect((await readdir(join(site.out, 'films'))).sort()).to.deep.equal(
      films.map(({ id }) => `${id}.png`).sort(),
    );
  });

  it('told to stop, keeps what came, and says what is left', async () => {
    const args = ['pull', '--home', site.home, '--out', site.out, '--films-per-second', '4', '--val', '0'];
    const child = spawn(process.execPath, [PROGRAM, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let printed = '';
    child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    const register = join(site.out, 'private', 'films.jsonl');
    while ((await readFile(register, 'utf8').catch(() => '')).split('\n').length < 3)
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGTERM');
    const [status] = (await once(child, 'close')) as [number];
    expect(status).to.equal(75); // PULL_INCOMPLETE
    const { fetched, missing } = JSON.parse(printed) as PullSummary;
    expect((await readCatalogue(site.out)).films).to.have.length(fetched);
    expect(missing).to.deep.equal({ 'the pull was stopped': FILMS - fetched });
  });

  it('fetches no more than it is allowed to now', async () => {
    const first = await site.pull('--limit', '3');
    expect(first.status).to.equal(75);
    expect(first.document).to.deep.include({
      fetched: 3,
      missing: { 'beyond the limit of films': FILMS - 3 },
    });
    expect((await site.pull()).document).to.deep.include({ fetched: FILMS - 3, known: 3, missing: {} });
  });

  it('outside the allowed hours asks for nothing', async () => {
    const hour = (later: number) => `${String((new Date().getHours() + later) % 24).padStart(2, '0')}:00`;
    const { status, document, err } = await site.pull('--hours', `${hour(2)}-${hour(3)}`, '--once');
    expect(status).to.equal(75);
    expect(document).to.include({ found: 0, fetched: 0 });
    expect(err).to.include('The allowed hours have not begun');
  });

  it('finds the labels of films by their UIDs', async () => {
    const tables = join(site.folder(), 'tables');
    await mkdir(tables);
    await writeFile(
      join(tables, 'labels.csv'),
      'film,label,x,y,width,height\n2.25.3,Mass,10,20,30,40\n2.25.77,Mass,1,2,3,4\n',
    );
    const { document } = await site.pull('--labels', tables);
    expect(document.import?.refused).to.have.length(1); // 2.25.77 is not in the PACS
    const boxed = (await readCatalogue(site.out)).films.filter(({ boxes }) => boxes.length > 0);
    const entry = (await FilmRegister.open(site.out, true)).find(boxed[0]?.id ?? '');
    expect([boxed.length, entry?.sopInstance]).to.deep.equal([1, '2.25.3']);
  });

  it('does not let two pulls into one data folder', async () => {
    await mkdir(join(site.out, 'private'), { recursive: true });
    await writeFile(await claimOf(join(site.out, 'private', 'door.lock'), process.ppid), '');
    const { status, document } = await site.pull();
    expect([status, document]).to.have.nested.property('[1].error.code', 'DATA_IN_USE');
    expect(status).to.equal(69);
  });
});
