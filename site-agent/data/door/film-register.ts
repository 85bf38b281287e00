import { appendFile, chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { AGE_BANDS, FILM_VIEWS, SEXES } from '@fedoxnet/shared/study/census';
import { PRIVATE_FOLDER } from './site-secret.js';

const REGISTER_FILE = 'films.jsonl';
/** The stamp of a film that is to be tried again. */
export const UNSETTLED = '';

/** Where a film comes from. */
export interface Origin {
  /** A path, a place in an archive, an address. */
  readonly origin: string;
  /** Changes with what lies there. */
  readonly stamp: string;
  /** Its SOP Instance UID, where that is known before the film is read. */
  readonly sopInstance?: string;
}

const size = z.object({ width: z.number().int().min(1), height: z.number().int().min(1) });

/**
 * What became of one film that came to the door, and what the hospital calls it: the way back from our id to the PACS.
 * Never leaves the private folder.
 */
export const registerEntry = z.object({
  id: z.string().min(1),
  outcome: z.enum(['film', 'quarantined', 'released', 'discarded']),
  /** Path within its source, and a mark of that file's content, so that a second import need not decode it again. */
  origin: z.string(),
  stamp: z.string(),
  sopClass: z.string().nullable(),
  sopInstance: z.string().nullable(),
  series: z.string().nullable(),
  study: z.string().nullable(),
  /** The hospital's name of the patient, and ours. */
  patientId: z.string().nullable(),
  patient: z.string(),
  /** YYYYMMDD. */
  studyDate: z.string().nullable(),
  /** The rest is null for a film that could not be read. */
  picture: z
    .object({
      original: size,
      stored: size,
      digest: z.string(),
      meanGrey: z.number(),
      view: z.enum(FILM_VIEWS).nullable(),
      sex: z.enum(SEXES).nullable(),
      ageBand: z.enum(AGE_BANDS).nullable(),
    })
    .nullable(),
});
export type RegisterEntry = z.infer<typeof registerEntry>;

/**
 * The register of a site: one JSON line per event, 0600, the last line of a film counts. A process killed within a line
 * leaves a torn end, which is dropped; the film is simply read again.
 */
export class FilmRegister {
  private readonly byId = new Map<string, RegisterEntry>();
  private readonly byOrigin = new Map<string, RegisterEntry>();
  private readonly byDigest = new Map<string, string>();
  private readonly byInstance = new Map<string, RegisterEntry>();

  private constructor(private readonly path: string | null) {}

  /**
   * @param readOnly for a dry run: knows what is there, and writes nothing
   * @throws {FederationError} `DATA_INVALID` naming the line that is not an entry
   */
  static async open(data: string, readOnly = false): Promise<FilmRegister> {
    const folder = join(data, PRIVATE_FOLDER);
    const path = join(folder, REGISTER_FILE);
    const register = new FilmRegister(readOnly ? null : path);
    const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
    const torn = lines.pop() !== '' && lines.length > 0;
    for (const [index, line] of lines.entries()) register.keep(parseLine(line, `${path}, line ${index + 1}`));
    if (readOnly) return register;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (torn) await appendFile(path, '\n'); // what comes next begins a line of its own
    return register;
  }

  get entries(): Iterable<RegisterEntry> {
    return this.byId.values();
  }

  find(id: string): RegisterEntry | null {
    return this.byId.get(id) ?? null;
  }

  /** The film that came from there, unless what lies there has changed since; or, where its UID is known, from elsewhere. */
  known({ origin, stamp, sopInstance }: Origin): RegisterEntry | null {
    const entry = this.byOrigin.get(origin);
    if (entry?.stamp === stamp) return entry;
    const other = sopInstance === undefined ? undefined : this.byInstance.get(sopInstance);
    return other !== undefined && other.stamp !== UNSETTLED ? other : null;
  }

  /** The id of a film, in use or set aside, that looks the same. */
  withDigest(digest: string): string | null {
    return this.byDigest.get(digest) ?? null;
  }

  async add(entry: RegisterEntry): Promise<void> {
    this.keep(entry);
    if (this.path === null) return;
    await appendFile(this.path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    await chmod(this.path, 0o600);
  }

  private keep(entry: RegisterEntry | null): void {
    if (entry === null) return;
    this.byId.set(entry.id, entry);
    this.byOrigin.set(entry.origin, entry);
    if (entry.sopInstance !== null) this.byInstance.set(entry.sopInstance, entry);
    const digest = entry.picture?.digest;
    if (digest !== undefined && !this.byDigest.has(digest)) this.byDigest.set(digest, entry.id);
  }
}

/** Null for a line that a killed process did not finish. */
function parseLine(line: string, where: string): RegisterEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = registerEntry.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FederationError('DATA_INVALID', `${where} is not an entry of the register.`, {
    cause: parsed.error,
  });
}
