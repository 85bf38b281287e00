import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import type { ImportSummary } from '@fedoxnet/site-agent/data/importers/import-report';
import { runImport, type ImportOptions } from '@fedoxnet/site-agent/data/importers/run-import';
import type { Importer } from '@fedoxnet/site-agent/data/importers/source-film';

/** The first 33 bytes of a PNG: all that an import reads of one. */
export function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(33);
  header.write('\x89PNG\r\n\x1a\n', 'latin1');
  header.writeUInt32BE(13, 8);
  header.write('IHDR', 12, 'latin1');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 0, 0, 0, 0], 24);
  return header;
}

/** A source and the folder of a site, made anew for each test of the enclosing `describe`. */
export class ImportFolder {
  root = '';

  constructor() {
    beforeEach(async () => {
      this.root = await mkdtemp(join(tmpdir(), 'fedoxnet-import-'));
    });
    afterEach(() => rm(this.root, { recursive: true, force: true }));
  }

  get source(): string {
    return join(this.root, 'source');
  }

  get out(): string {
    return join(this.root, 'site');
  }

  async write(name: string, content: string | Buffer): Promise<void> {
    const path = join(this.source, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  async table(name: string, ...lines: string[]): Promise<void> {
    await this.write(name, `${lines.join('\n')}\n`);
  }

  async films(names: readonly string[], width = 1024, height = 1024): Promise<void> {
    for (const name of names) await this.write(name, pngHeader(width, height));
  }

  run(importer: Importer, changes: Partial<ImportOptions> = {}): Promise<ImportSummary> {
    return runImport({
      importer,
      source: this.source,
      out: this.out,
      split: { by: 'patient', val: 0 },
      uncertain: 'unknown',
      exhaustive: 'unknown',
      verify: false,
      dryRun: false,
      ...changes,
    });
  }

  /** The catalogue's films by the end of their file's name. */
  async film(name: string): Promise<FilmRecord> {
    const { films } = await readCatalogue(this.out);
    const found = films.find(({ file }) => file.endsWith(name));
    if (found === undefined) throw new Error(`${name} is not in ${films.map(({ file }) => file).join(', ')}`);
    return found;
  }
}
