import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { readJsonFile } from '../../files/json-file.js';
import { filmRecord } from '../film.js';
import { finding, type Finding } from './findings.js';

/** Under a site's data folder, 0700. */
export const QUARANTINE_FOLDER = 'quarantine';
const ENTRY_FILE = 'entry.json';
const FILM_FILE = 'film.png';
const PICTURE_FILE = 'picture.png';
/** Side of the picture that people look at. */
const PICTURE_SIDE = 256;

const quarantineEntry = z.object({
  id: z.string().min(1),
  findings: z.array(finding).min(1),
  /** What the catalogue gets when the film is released; null when there is no picture to release. */
  record: filmRecord.nullable(),
  /** The film that has the same pixels, for a duplicate. */
  twin: z.string().nullable(),
});
export type QuarantineEntry = z.infer<typeof quarantineEntry>;

/**
 * Films that are set aside: one folder each, with the reasons, the film as it would be used and a small picture. A site's
 * person releases or discards them; nothing here is ever trained on.
 */
export class Quarantine {
  readonly folder: string;

  constructor(readonly data: string) {
    this.folder = join(data, QUARANTINE_FOLDER);
  }

  /** @param png the film as it would be used; null when it could not be decoded */
  async add(entry: QuarantineEntry, png: Uint8Array | null): Promise<void> {
    const folder = this.of(entry.id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (png !== null) {
      await writeFileAtomic(join(folder, FILM_FILE), png, 0o600);
      await writeFileAtomic(join(folder, PICTURE_FILE), await thumbnail(png), 0o600);
    }
    // Last, because a folder without it does not count.
    await writeFileAtomic(join(folder, ENTRY_FILE), `${JSON.stringify(entry, null, 1)}\n`, 0o600);
  }

  /** By id. */
  async list(): Promise<QuarantineEntry[]> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const entries = await Promise.all(names.sort().map((name) => this.read(name)));
    return entries.filter((entry) => entry !== null);
  }

  /** @throws {FederationError} `NOT_FOUND` when no film of that id is set aside */
  async get(id: string): Promise<QuarantineEntry> {
    const entry = /^[a-z0-9-]+$/.test(id) ? await this.read(id) : null;
    if (entry === null) throw new FederationError('NOT_FOUND', `No film ${id} is in quarantine.`);
    return entry;
  }

  /** The picture people look at; null when there is none. */
  async picturePath(id: string): Promise<string | null> {
    const path = join(this.of(id), PICTURE_FILE);
    return readFile(path).then(
      () => path,
      () => null,
    );
  }

  /** Where the film as it would be used lies; null when it could not be decoded. */
  async filmPath(id: string): Promise<string | null> {
    const path = join(this.of(id), FILM_FILE);
    return access(path).then(
      () => path,
      () => null,
    );
  }

  /** The film as it would be used, PNG. */
  readFilm(id: string): Promise<Buffer> {
    return readFile(join(this.of(id), FILM_FILE));
  }

  async remove(id: string): Promise<void> {
    await rm(this.of(id), { recursive: true, force: true });
  }

  private of(id: string): string {
    return join(this.folder, id);
  }

  private read(id: string): Promise<QuarantineEntry | null> {
    return readJsonFile(join(this.of(id), ENTRY_FILE), quarantineEntry, 'DATA_INVALID');
  }
}

/** One line for people: all reasons of an entry. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(({ reason, detail }) => `${reason}: ${detail}`).join(' ');
}

function thumbnail(png: Uint8Array): Promise<Buffer> {
  return sharp(png)
    .resize(PICTURE_SIDE, PICTURE_SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}
