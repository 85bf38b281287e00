import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { takeLock } from '../../files/process-lock.js';
import { DicomRefusal } from '../dicom/dicom-refusal.js';
import type { FilmIdentity } from '../dicom/film-identity.js';
import { DecodingTimeout, FilmWorkers, type FilmWorkersOptions } from '../dicom/film-workers.js';
import type { PreparedFilm, UnreadableFilm } from '../dicom/prepare-film.js';
import type { FilmRecord } from '../film.js';
import type { Finding } from '../quarantine/findings.js';
import { Quarantine, QUARANTINE_FOLDER } from '../quarantine/quarantine.js';
import { filmFile, toRecord, type FilmReading } from './film-record.js';
import { FilmRegister, UNSETTLED, type Origin, type RegisterEntry } from './film-register.js';
import { PRIVATE_FOLDER, Pseudonyms } from './site-secret.js';

export interface FilmDoorOptions extends FilmWorkersOptions {
  /** The site's data folder. */
  readonly data: string;
  /** Longer side of a film as it is kept, pixels. */
  readonly side: number;
  readonly dryRun: boolean;
}

/** What the site's labels say of a film that is being admitted. */
export interface FilmLabels {
  /** Why they cannot belong to this film; null when nothing speaks against it. */
  misfit(picture: NonNullable<RegisterEntry['picture']>): string | null;
  read(picture: NonNullable<RegisterEntry['picture']>): FilmReading;
  split(patient: string): FilmRecord['split'];
}

/** `repeated`: the same film came before, from this file or another. */
export type Outcome = 'film' | 'quarantined' | 'repeated';

export interface Admission {
  readonly entry: RegisterEntry;
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

export type Decoded = PreparedFilm | UnreadableFilm | DicomRefusal;

/**
 * The only way a DICOM film enters a site's data: its pixels become a PNG under an id of our own, its header goes into the
 * register in the private folder, and a film that something speaks against goes to quarantine. A film is decoded first,
 * many at once, and then settled, one after the other in a fixed order, so that the same films give the same catalogue.
 */
export class FilmDoor {
  private constructor(
    private readonly options: FilmDoorOptions,
    readonly register: FilmRegister,
    private readonly pseudonyms: Pseudonyms,
    private readonly quarantine: Quarantine,
    readonly workers: FilmWorkers,
    private readonly unlock: () => void,
  ) {}

  /**
   * Opens the door of a data folder; one process at a time, but for dry runs.
   * @throws {FederationError} `DATA_IN_USE`; `DATA_INVALID` when the site's key or register is damaged
   */
  static async open(options: FilmDoorOptions): Promise<FilmDoor> {
    const { data, dryRun } = options;
    const unlock = dryRun ? () => undefined : await lockData(data);
    try {
      const register = await FilmRegister.open(data, dryRun);
      const pseudonyms = dryRun ? Pseudonyms.temporary() : await Pseudonyms.open(data);
      if (!dryRun) await sweep(data);
      const workers = new FilmWorkers(options);
      return new FilmDoor(options, register, pseudonyms, new Quarantine(data), workers, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.workers.close();
    this.unlock();
  }

  /** Uniform in [0, 1) by patient: decides who is held out. */
  patientShare(patient: string): number {
    return this.pseudonyms.share(patient);
  }

  /** @param bytes of the whole file; empty afterwards */
  async decode(bytes: Uint8Array): Promise<Decoded> {
    try {
      return await this.workers.prepare(bytes, this.options.side);
    } catch (error) {
      if (error instanceof DicomRefusal) return error;
      throw error;
    }
  }

  /** Decides on a decoded film and writes what follows from it: the film first, its line in the register last. */
  async settle(decoded: Decoded, from: Origin, labels: FilmLabels): Promise<Admission> {
    return decoded instanceof DicomRefusal || 'unreadable' in decoded
      ? this.setAsideUnreadable(decoded, from)
      : this.settleFilm(decoded, from, labels);
  }

  private async setAsideUnreadable(refused: UnreadableFilm | DicomRefusal, from: Origin): Promise<Admission> {
    const identity = refused instanceof DicomRefusal ? null : refused.identity;
    const detail = refused instanceof DicomRefusal ? refused.message : refused.unreadable;
    const findings: Finding[] = [
      { reason: refused instanceof DecodingTimeout ? 'time-limit' : 'unreadable', detail },
    ];
    // On a quieter machine the next import may succeed.
    const tried = refused instanceof DecodingTimeout ? { ...from, stamp: UNSETTLED } : from;
    const entry = this.entryOf(identity, tried, null);
    const known = this.register.find(entry.id);
    if (known !== null && known.picture !== null) return { entry: known, outcome: 'repeated', findings };
    return this.setAside(entry, findings, null, null, null);
  }

  private async settleFilm(film: PreparedFilm, from: Origin, labels: FilmLabels): Promise<Admission> {
    const { identity, original, stored, digest, meanGrey, view } = film;
    const { sex, ageBand } = identity;
    const picture = { original, stored, digest, meanGrey, view, sex, ageBand };
    let entry = this.entryOf(identity, from, picture);
    const findings = [...film.findings];
    const known = this.register.find(entry.id);
    if (known?.picture?.digest === digest) return { entry: known, outcome: 'repeated', findings };
    if (known !== null && known.picture !== null) {
      entry = { ...entry, id: this.pseudonyms.of('film', `${entry.id}\n${digest}`) };
      findings.push({
        reason: 'mislabelled',
        detail: 'A film with other pixels has the same SOP Instance UID.',
      });
      const again = this.register.find(entry.id);
      if (again !== null) return { entry: again, outcome: 'repeated', findings };
    }
    const twin = this.register.withDigest(digest);
    if (twin !== null)
      findings.push({ reason: 'duplicate', detail: `The film ${twin} has the same pixels.` });
    const misfit = labels.misfit(picture);
    if (misfit !== null) findings.push({ reason: 'mislabelled', detail: misfit });

    await this.forgetFailure(from, entry.id);
    const record = toRecord(entry, labels.read(picture), labels.split(entry.patient));
    if (findings.length > 0) return this.setAside(entry, findings, record, film.png, twin);
    if (!this.options.dryRun) {
      await writeFileAtomic(join(this.options.data, filmFile(entry.id)), film.png, 0o600);
      if (known !== null) await this.quarantine.remove(entry.id); // it could not be read before
    }
    await this.register.add(entry);
    return { entry, outcome: 'film', findings };
  }

  private async setAside(
    entry: RegisterEntry,
    findings: readonly Finding[],
    record: FilmRecord | null,
    png: Uint8Array | null,
    twin: string | null,
  ): Promise<Admission> {
    const aside: RegisterEntry = { ...entry, outcome: 'quarantined' };
    if (!this.options.dryRun)
      await this.quarantine.add({ id: entry.id, findings: [...findings], record, twin }, png);
    await this.register.add(aside);
    return { entry: aside, outcome: 'quarantined', findings };
  }

  /** A file that could not be read in an earlier import and now can. */
  private async forgetFailure({ origin }: Origin, id: string): Promise<void> {
    const failed = this.register.find(this.namelessId(origin));
    if (failed === null || failed.id === id || failed.picture !== null) return;
    if (!this.options.dryRun) await this.quarantine.remove(failed.id);
    await this.register.add({ ...failed, outcome: 'discarded' });
  }

  /** Of a film whose header says no SOP Instance UID, or could not be read. */
  private namelessId(origin: string): string {
    return this.pseudonyms.of('film', `file\n${origin}`);
  }

  private entryOf(
    identity: FilmIdentity | null,
    { origin, stamp }: Origin,
    picture: RegisterEntry['picture'],
  ): RegisterEntry {
    const { sopClass = null, sopInstance = null, series = null, study = null } = identity ?? {};
    const { patient: patientId = null, studyDate = null } = identity ?? {};
    const id = sopInstance === null ? this.namelessId(origin) : this.pseudonyms.of('film', sopInstance);
    // Without a patient's number the films of one study belong together, and no others.
    const patient = this.pseudonyms.of('patient', patientId ?? `study\n${study ?? id}`);
    return {
      ...{ id, outcome: 'film', origin, stamp, sopClass, sopInstance, series, study },
      ...{ patientId, patient, studyDate, picture },
    };
  }
}

function lockData(data: string): Promise<() => void> {
  const message = (holder: number): string =>
    `Another import or pull (process ${holder}) writes into ${data}.`;
  return takeLock(
    join(data, PRIVATE_FOLDER, 'door.lock'),
    (holder) => new FederationError('DATA_IN_USE', message(holder)),
  );
}

/** Removes what a process that was killed had not finished writing. */
async function sweep(data: string): Promise<void> {
  await mkdir(join(data, 'films'), { recursive: true, mode: 0o700 });
  for (const name of ['', 'films', QUARANTINE_FOLDER, PRIVATE_FOLDER]) {
    const folder = join(data, name);
    const found = await readdir(folder, { recursive: name !== '' }).catch(() => []);
    for (const file of found) if (file.endsWith('.tmp')) await rm(join(folder, file), { force: true });
  }
}
