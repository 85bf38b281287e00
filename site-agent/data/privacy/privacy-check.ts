import { open, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseDicomFile, isDicom } from '../dicom/data-set.js';
import { DicomRefusal } from '../dicom/dicom-refusal.js';
import { PRIVATE_FOLDER } from '../door/site-secret.js';
import { openSource, type FilmSource } from '../importers/film-source.js';
import { headerValues, type HeaderValue } from './header-values.js';
import { ValueSearch, type Sighting } from './value-search.js';

const HEAD_BYTES = 256;
const MAX_FILE_BYTES = 256 * 1024 * 1024;
const PIECE_BYTES = 8 * 1024 * 1024;
/** Chunks of a PNG that hold the picture itself; any other could hold words. */
const PICTURE_CHUNKS = new Set([
  'IHDR',
  'IDAT',
  'IEND',
  'PLTE',
  'tRNS',
  'gAMA',
  'sRGB',
  'pHYs',
  'cHRM',
  'sBIT',
]);

export interface PrivacyCheckOptions {
  /** Folder or .zip with the films whose headers must not be found. */
  readonly source: string;
  /** Folders and files that are searched; the site's private folder in them is left out. */
  readonly searched: readonly string[];
  /** At most so many films of the source, evenly spread: all their values are held in memory. */
  readonly films: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface PrivacyReport {
  readonly films: number;
  /** Films of the source whose header cannot be read: nothing can be said of them. */
  readonly unreadable: number;
  /** Different values that were searched for. */
  readonly values: number;
  readonly files: number;
  readonly bytes: number;
  readonly sightings: readonly (Sighting & { readonly file: string })[];
  /** Files of the private folder that others than their owner may read. */
  readonly open: readonly string[];
}

/**
 * Searches everything a site keeps and sent for values of the headers of its films. Finding nothing is a proof only for the
 * bytes that were searched: what is encrypted or compressed in them cannot be looked into, so search what was sealed
 * before it is sealed.
 * @throws {FederationError} `DATA_MISSING` without the source or a searched path
 */
export async function checkPrivacy(options: PrivacyCheckOptions): Promise<PrivacyReport> {
  const { values, films, unreadable } = await collectValues(options);
  const search = new ValueSearch(values);
  const [files, open] = await filesOf(options.searched);
  const sightings: PrivacyReport['sightings'][number][] = [];
  let bytes = 0;
  for (const [index, { path, name }] of files.entries()) {
    const result = await searchFile(path, name, search);
    bytes += result.bytes;
    sightings.push(...result.sightings.map((sighting) => ({ ...sighting, file: name })));
    options.onProgress?.(index + 1, files.length);
  }
  return { films, unreadable, values: values.length, files: files.length, bytes, sightings, open };
}

async function collectValues({
  source: path,
  films: most,
}: PrivacyCheckOptions): Promise<{ values: HeaderValue[]; films: number; unreadable: number }> {
  const source = await openSource(path);
  try {
    const names = await dicomNames(source);
    const step = Math.max(1, names.length / most);
    const values = new Map<string, HeaderValue>();
    let [films, unreadable] = [0, 0];
    for (let at = 0; Math.floor(at) < names.length; at += step) {
      films++;
      try {
        const { dataSet } = parseDicomFile(
          await source.head(names[Math.floor(at)] as string, MAX_FILE_BYTES),
        );
        for (const value of headerValues(dataSet)) values.set(value.bytes.toString('latin1'), value);
      } catch (error) {
        if (!(error instanceof DicomRefusal)) throw error;
        unreadable++;
      }
    }
    return { values: [...values.values()], films, unreadable };
  } finally {
    await source.close();
  }
}

async function dicomNames(source: FilmSource): Promise<string[]> {
  const names: string[] = [];
  for (const name of source.names) if (isDicom(await source.head(name, HEAD_BYTES))) names.push(name);
  return names;
}

interface FoundFile {
  readonly path: string;
  /** For the report: below the path that was given. */
  readonly name: string;
}

/** All files below the paths, those of private folders apart: of these, the ones that others may read. */
async function filesOf(paths: readonly string[]): Promise<[files: FoundFile[], open: string[]]> {
  const files: FoundFile[] = [];
  const open: string[] = [];
  const walk = async (path: string, top: string, isPrivate: boolean): Promise<void> => {
    const found = await stat(path);
    const name = relative(top, path) || path;
    if (isPrivate && (found.mode & 0o077) !== 0) open.push(name);
    if (!found.isDirectory()) {
      if (found.isFile() && !isPrivate) files.push({ path, name });
      return;
    }
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isSymbolicLink()) continue;
      await walk(join(path, entry.name), top, isPrivate || entry.name === PRIVATE_FOLDER);
    }
  };
  for (const path of paths) await walk(path, path, false);
  return [files, open];
}

async function searchFile(
  path: string,
  name: string,
  search: ValueSearch,
): Promise<{ bytes: number; sightings: Sighting[] }> {
  const file = await open(path);
  const found = new Map<string, Sighting>();
  const keep = (sighting: Sighting): void => void found.set(`${sighting.tag} ${sighting.view}`, sighting);
  search.find(Buffer.from(name)).forEach(keep);
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let at = 0;
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, at);
      const bytes = piece.subarray(0, bytesRead);
      if (at === 0) pngChunks(bytes).forEach(keep);
      search.find(bytes).forEach(keep);
      at += bytesRead;
      if (bytesRead < PIECE_BYTES) return { bytes: at, sightings: [...found.values()] };
      at -= search.longest; // what lies across the border
    }
  } finally {
    await file.close();
  }
}

/** Chunks of a PNG in which words could stand, compressed ones too. */
function pngChunks(bytes: Buffer): Sighting[] {
  if (bytes.toString('latin1', 1, 4) !== 'PNG') return [];
  const found: Sighting[] = [];
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (!PICTURE_CHUNKS.has(type)) found.push({ tag: 'PNG', view: `a chunk ${type}` });
  }
  return found;
}
