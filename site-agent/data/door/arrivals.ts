import { DicomRefusal } from '../dicom/dicom-refusal.js';
import type { Catalogue, FilmRecord } from '../film.js';
import type { Finding } from '../quarantine/findings.js';
import type { DicomLabels } from './dicom-labels.js';
import type { Decoded, FilmDoor, FilmLabels } from './film-door.js';
import { UNREAD, toRecord, withStudyDays } from './film-record.js';
import type { FilmRegister, Origin, RegisterEntry } from './film-register.js';
import type { FilmSupply, NotNow } from './film-supply.js';

/** One run of an import: what came, what became of it, and the catalogue that follows. */
export class Arrivals {
  readonly counts = { admitted: 0, quarantined: 0, repeated: 0, known: 0, other: 0 };
  readonly quarantined: { id: string; findings: readonly Finding[] }[] = [];
  /** Films that their place did not give. */
  readonly notNow: { name: string; why: string }[] = [];
  /** Under the name of their file: labels are found by it. */
  private readonly nameOf = new Map<string, string>();
  private readonly splits: Map<string, FilmRecord['split']>;

  constructor(
    private readonly door: FilmDoor,
    private readonly labels: DicomLabels | null,
    before: Catalogue | null,
    private readonly val: number,
  ) {
    this.splits = splitsOf(before);
  }

  /**
   * Has films fetched, decoded and settled at the same time: as many fetched as their place gives at once, as many decoded as
   * there are threads, one settled, in the order of their names.
   */
  async bringIn(
    supply: FilmSupply,
    onProgress: ((done: number, total: number) => void) | undefined,
  ): Promise<void> {
    const ahead = supply.atOnce + this.door.workers.threads + 1;
    const window: { name: string; from: Origin; arriving: Promise<Arriving> }[] = [];
    let done = 0;
    const settleFirst = async (): Promise<void> => {
      const { name, from, arriving } = window.shift() as (typeof window)[number];
      await this.settle(name, from, await arriving);
      onProgress?.(++done, supply.total);
    };
    for await (const name of supply.names()) {
      const from = await supply.originOf(name);
      const arriving = this.receive(supply, name, from);
      arriving.catch(() => undefined); // heard above, when its turn comes
      window.push({ name, from, arriving });
      if (window.length >= ahead) await settleFirst();
    }
    while (window.length > 0) await settleFirst();
  }

  private async receive(supply: FilmSupply, name: string, from: Origin): Promise<Arriving> {
    const known = this.door.register.known(from);
    if (known !== null) return { known };
    const taken = await supply.take(name);
    if (taken === 'other' || 'notNow' in taken) return taken;
    return { decoded: taken instanceof DicomRefusal ? taken : await this.door.decode(taken) };
  }

  private async settle(name: string, from: Origin, arriving: Arriving): Promise<void> {
    if (arriving === 'other') {
      this.counts.other++;
      return;
    }
    if ('notNow' in arriving) {
      this.notNow.push({ name, why: arriving.notNow });
      return;
    }
    if ('known' in arriving) {
      this.counts.known++;
      this.nameOf.set(arriving.known.id, name);
      return;
    }
    const { entry, outcome, findings } = await this.door.settle(arriving.decoded, from, this.labelsOf(name));
    if (outcome === 'film') this.counts.admitted++;
    else this.counts[outcome]++;
    if (outcome === 'quarantined') this.quarantined.push({ id: entry.id, findings });
    if (!this.nameOf.has(entry.id)) this.nameOf.set(entry.id, name);
  }

  private labelsOf(name: string): FilmLabels {
    const { labels } = this;
    return {
      misfit: (picture) => labels?.misfit(name, picture) ?? null,
      read: (picture) => labels?.read(name, picture) ?? UNREAD,
      split: (patient) => this.splitOf(patient),
    };
  }

  /** A patient stays where the catalogue has them. */
  private splitOf(patient: string): FilmRecord['split'] {
    return this.splits.get(patient) ?? (this.door.patientShare(patient) < this.val ? 'val' : 'train');
  }

  /**
   * All films that the register calls usable: with the labels of this import, or as the catalogue had them. Films of
   * other importers stay as they are.
   * @param before the catalogue, and the register, as they are now: a person may have decided on films while others came
   */
  catalogue(before: Catalogue | null, register: FilmRegister): Catalogue {
    for (const [patient, split] of splitsOf(before)) this.splits.set(patient, split);
    const old = new Map((before?.films ?? []).map((film) => [film.id, film]));
    const films: FilmRecord[] = [];
    const ours = new Set<string>();
    for (const entry of register.entries) {
      ours.add(entry.id);
      if (entry.picture === null || (entry.outcome !== 'film' && entry.outcome !== 'released')) continue;
      films.push(this.recordOf(entry, entry.picture, old.get(entry.id)));
    }
    const others = (before?.films ?? []).filter(({ id }) => !ours.has(id));
    return {
      version: 1,
      source: before?.source ?? 'DICOM films',
      classes: [...new Set([...(before?.classes ?? []), ...Object.keys(this.labels?.map.classes ?? {})])],
      films: [...others, ...withStudyDays(films, (id) => register.find(id))],
    };
  }

  private recordOf(
    entry: RegisterEntry,
    picture: NonNullable<RegisterEntry['picture']>,
    old: FilmRecord | undefined,
  ): FilmRecord {
    const name = this.nameOf.get(entry.id);
    if (this.labels === null || name === undefined)
      return old ?? toRecord(entry, UNREAD, this.splitOf(entry.patient));
    return toRecord(entry, this.labels.read(name, picture), this.splitOf(entry.patient));
  }
}

function splitsOf(catalogue: Catalogue | null): Map<string, FilmRecord['split']> {
  return new Map((catalogue?.films ?? []).map((film) => [film.patient, film.split]));
}

type Arriving = 'other' | NotNow | { readonly known: RegisterEntry } | { readonly decoded: Decoded };
