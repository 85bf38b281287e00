import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { plainCsvImporter } from '@fedoxnet/site-agent/data/importers/plain-csv';
import { rejection } from '../../../support/rejection.js';
import { skipBecause } from '../../../support/skip-because.js';
import { ImportFolder, pngHeader } from './support/import-folder.js';

describe('runImport', () => {
  const folder = new ImportFolder();
  const csv = plainCsvImporter(null);
  const simple = async () => {
    await folder.films(['films/a.png', 'films/b.png'], 64, 64);
    await folder.table('labels.csv', 'film,patient,label', 'a.png,1,Mass', 'b.png,2,Nodule');
  };

  it('writes catalogue, label map and report, and gives a film the same id whatever else is imported', async () => {
    await simple();
    const summary = await folder.run(csv);
    expect((await readdir(folder.out)).sort()).to.deep.equal([
      'catalogue.json',
      'import-report.json',
      'label-map.json',
    ]);
    expect(JSON.parse(await readFile(join(folder.out, 'import-report.json'), 'utf8'))).to.deep.equal(
      JSON.parse(JSON.stringify(summary)),
    );
    const { id, file } = await folder.film('b.png');
    expect(id).to.match(/^csv-[0-9a-f]{16}$/);
    expect(file).to.equal('../source/films/b.png');
    await folder.table('labels.csv', 'film,patient,label', 'z.png,9,Mass', 'b.png,2,Nodule');
    await folder.run(csv);
    expect((await folder.film('b.png')).id).to.equal(id);
  });

  it('writes nothing in a dry run but the report it is asked for', async () => {
    await simple();
    const { films } = await folder.run(csv, { dryRun: true });
    expect(films.train).to.equal(2);
    expect(await readdir(folder.root)).to.deep.equal(['source']);
    const report = join(folder.root, 'report.json');
    await folder.run(csv, { dryRun: true, report });
    expect((await readdir(folder.root)).sort()).to.deep.equal(['report.json', 'source']);
  });

  it('reads the map again that the site has edited, and never overwrites it', async () => {
    await simple();
    await folder.run(csv);
    const path = join(folder.out, 'label-map.json');
    const map = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    const edited = JSON.stringify({
      ...map,
      labels: { Mass: 'Lesion', Nodule: 'Lesion' },
      noFinding: {},
      classes: { Lesion: { exhaustive: 'yes' } },
    });
    await writeFile(path, edited);
    const { classes } = await folder.run(csv);
    expect(classes.map((row) => [row.class, row.present.train])).to.deep.equal([['Lesion', 2]]);
    expect(await readFile(path, 'utf8')).to.equal(edited);
  });

  it('stops at a map that is wrong, of another format or not there', async () => {
    await simple();
    const map = join(folder.root, 'map.json');
    const write = (content: object) =>
      writeFile(
        map,
        JSON.stringify({
          version: 1,
          format: 'csv',
          labels: { Mass: 'Mass' },
          noFinding: {},
          classes: { Mass: { exhaustive: 'yes' } },
          ...content,
        }),
      );
    const refuses = async (text: string): Promise<void> => {
      expect((await rejection(folder.run(csv, { map }))).message).to.include(text);
    };
    await refuses('does not exist');
    await write({ classes: {} });
    await refuses('gives no class Mass');
    await write({ format: 'nih' });
    await refuses('is a map of nih labels');
    await write({ classes: { Mass: { exhaustive: 'often' } } });
    await refuses('classes.Mass.exhaustive');
  });

  it('keeps the classes it is asked for, in their order, and passes over the others', async () => {
    await simple();
    const { classes, refused } = await folder.run(csv, { classes: ['Nodule'] });
    expect([classes.map((row) => row.class), refused]).to.deep.equal([['Nodule'], []]);
    expect((await rejection(folder.run(csv, { classes: ['Wart'] }))).message).to.include(
      'no class Wart; it has Mass, Nodule',
    );
  });

  it('takes patients from a table, and refuses films that are not in it', async () => {
    await simple();
    const patients = join(folder.root, 'patients.csv');
    await writeFile(patients, 'film,patient\na.png,77\na.png,78\n');
    const { patients: counted, refused } = await folder.run(csv, { patients });
    expect(counted.train).to.equal(1);
    expect(refused.map(({ file, line }) => [file, line])).to.deep.equal([
      ['labels.csv', 3],
      ['patients.csv', 3],
    ]);
  });

  it('refuses films that are damaged, missing or taken and goes on', async () => {
    await simple();
    await folder.write('films/gif.png', 'GIF89a');
    await folder.write('films/cut.png', pngHeader(64, 64).subarray(0, 20));
    await folder.write('films/empty.png', '');
    await mkdir(join(folder.source, 'films/folder.png'));
    await symlink('/etc/hostname', join(folder.source, 'films/link.png'));
    const names = [
      'a.png',
      'gif.png',
      'cut.png',
      'empty.png',
      'folder.png',
      'link.png',
      '../../../etc/hostname',
      'films/a.png',
      'b.png',
    ];
    await folder.table('labels.csv', 'film,label', ...names.map((name) => `${name},Mass`));
    const { films, refused } = await folder.run(csv);
    expect(films.train).to.equal(2);
    expect(refused.map(({ line }) => line)).to.deep.equal([3, 4, 5, 6, 7, 8, 9]);
    expect(refused.map(({ reason }) => reason)).to.include.members([
      'films/gif.png: it is neither PNG nor JPEG',
      'films/cut.png: it is cut off in its header',
      "films/a.png is already another film's file",
    ]);
  });

  it('finds with --verify what only decoding shows, and knows the grey level of the others', async () => {
    const grey = await sharp({ create: { width: 64, height: 32, channels: 3, background: '#000' } })
      .composite([
        { input: { create: { width: 32, height: 32, channels: 3, background: '#fff' } }, left: 0, top: 0 },
      ])
      .png()
      .toBuffer();
    await folder.write('half.png', grey);
    await folder.write('bad.png', Buffer.concat([grey.subarray(0, 60), Buffer.alloc(40)]));
    await folder.table('labels.csv', 'film,label', 'half.png,Mass', 'bad.png,Mass');
    expect((await folder.run(csv)).films.train, 'both headers are right').to.equal(2);
    const { films, refused } = await folder.run(csv, { verify: true });
    expect([films.train, refused.map(({ line }) => line)]).to.deep.equal([1, [3]]);
    expect((await folder.film('half.png')).meanGrey).to.be.closeTo(127.5, 2);
  });

  it('says so when no film is left, and leaves an earlier catalogue alone', async () => {
    await simple();
    await folder.run(csv);
    const before = await readFile(join(folder.out, 'catalogue.json'));
    await folder.table('labels.csv', 'film,label', 'gone.png,Mass');
    const { code, message } = await rejection(folder.run(csv));
    expect([code, message]).to.deep.equal([
      'NO_USABLE_FILMS',
      `None of the 1 films that ${folder.source} describes can be used; the first refusal: no film gone.png is there.`,
    ]);
    expect((await readFile(join(folder.out, 'catalogue.json'))).equals(before)).to.equal(true);
    expect((await rejection(folder.run(csv, { source: join(folder.root, 'nowhere') }))).code).to.equal(
      'DATA_MISSING',
    );
  });

  describe('from an archive', function () {
    before(function () {
      const { status, error } = spawnSync('python3', ['-c', 'import zipfile']);
      if (status !== 0)
        skipBecause(this, `no python3 to write archives with: ${error?.message ?? 'it has no zipfile'}`);
    });

    /** Written by another implementation: stored, deflated, with ZIP64 fields, or streamed with lengths after the data. */
    const WRITE = `
import sys, zipfile, os
kind, root, out = sys.argv[1:]
class Pipe:
    def __init__(self, path): self.f = open(path, 'wb')
    def write(self, b): return self.f.write(b)
    def flush(self): self.f.flush()
packed = zipfile.ZIP_STORED if kind == 'stored' else zipfile.ZIP_DEFLATED
target = Pipe(out) if kind == 'streamed' else out
with zipfile.ZipFile(target, 'w', packed) as z:
    z.comment = b'PK\\x05\\x06 in a comment' if kind == 'stored' else b''
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            with z.open(os.path.relpath(path, root), 'w', force_zip64=kind == 'zip64') as entry:
                entry.write(open(path, 'rb').read())
`;
    const zip = (kind: string): string => {
      const path = join(folder.root, `${kind}.zip`);
      const { status, stderr } = spawnSync('python3', ['-c', WRITE, kind, folder.source, path], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
      return path;
    };

    for (const kind of ['stored', 'deflated', 'zip64', 'streamed']) {
      it(`reads one whose files are ${kind}, and copies its films out under their ids`, async () => {
        await simple();
        await folder.write('films/ünïcode/c.png', pngHeader(64, 64));
        await folder.table('labels.csv', 'film,label', 'a.png,Mass', 'ünïcode/c.png,Mass');
        const { films, refused } = await folder.run(csv, { source: zip(kind) });
        expect([films.train, refused]).to.deep.equal([2, []]);
        for (const { id, file } of (await readCatalogue(folder.out)).films) {
          expect(file).to.equal(`films/${id}.png`);
          expect((await readFile(join(folder.out, file))).equals(pngHeader(64, 64))).to.equal(true);
        }
      });
    }

    it('copies nothing in a dry run', async () => {
      await simple();
      await folder.run(csv, { source: zip('deflated'), dryRun: true });
      expect(await readdir(folder.root)).to.deep.equal(['deflated.zip', 'source']);
    });

    it('refuses a damaged film and leaves no part of it', async () => {
      await simple();
      await folder.write('films/a.png', Buffer.concat([pngHeader(64, 64), Buffer.alloc(5000, 7)]));
      const path = zip('stored');
      const bytes = await readFile(path);
      bytes[bytes.indexOf(Buffer.alloc(100, 7)) + 50] = 8;
      await writeFile(path, bytes);
      const { films, refused } = await folder.run(csv, { source: path });
      expect(films.train).to.equal(1);
      expect(refused[0]?.reason).to.include('films/a.png is damaged');
      expect(
        (await readdir(join(folder.out, 'films'))).filter((name) => name.endsWith('.part')),
      ).to.deep.equal([]);
    });

    it('refuses films whose packed bytes are damaged, whichever byte it is', async () => {
      await simple();
      await folder.write(
        'films/a.png',
        Buffer.concat([pngHeader(64, 64), Buffer.from('lesion '.repeat(20))]),
      );
      const path = zip('deflated');
      const whole = await readFile(path);
      const start = whole.indexOf('films/a.png') + 'films/a.png'.length;
      for (let at = start; at < start + 20; at += 1) {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= 0x55;
        await writeFile(path, damaged);
        const { films, refused } = await folder.run(csv, { source: path });
        expect([films.train, refused.length], `byte ${at}`).to.deep.equal([1, 1]);
        expect(refused[0]?.reason).to.match(/is damaged|is longer|neither|header|cut|is not where/);
      }
    });

    it('stops at a file that is no archive, is cut, or lies about its list', async () => {
      await simple();
      const path = zip('deflated');
      const whole = await readFile(path);
      const refuses = async (content: Buffer): Promise<void> => {
        await writeFile(path, content);
        expect((await rejection(folder.run(csv, { source: path }))).code).to.equal('DATA_INVALID');
      };
      await refuses(Buffer.from('film,label\n'));
      await refuses(whole.subarray(100));
      for (const at of [10, 12, 16, 19]) {
        const lie = Buffer.from(whole);
        lie[lie.length - 22 + at]! ^= 0x7f;
        await writeFile(path, lie);
        if (at !== 10) await refuses(lie); // 10: the number of entries, which nobody needs
      }
      await writeFile(path, whole);
      await truncate(path, whole.length - 30);
      expect((await rejection(folder.run(csv, { source: path }))).code).to.equal('DATA_INVALID');
    });
  });
});
