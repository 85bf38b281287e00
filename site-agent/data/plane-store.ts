import { readdir, rm, utimes } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { isSegment, PlaneSegment, type PlaneEntry } from './plane-segment.js';

interface Place {
  readonly segment: PlaneSegment;
  readonly slot: number;
}

/** The decoded films of a cache folder that one list of films needs, open for reading. */
export class PlaneStore {
  private readonly segments: PlaneSegment[] = [];
  private readonly places = new Map<string, Place>();

  private constructor(
    private readonly size: number,
    private readonly wanted: ReadonlySet<string>,
  ) {}

  /** Opens what is there. A segment that is damaged is removed: its films are decoded again. */
  static async open(folder: string, size: number, wanted: ReadonlySet<string>): Promise<PlaneStore> {
    const store = new PlaneStore(size, wanted);
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      if (!isSegment(name, size)) continue;
      const path = join(folder, name);
      if (!(await store.add(path))) await rm(path, { force: true });
    }
    return store;
  }

  /** Opens one more segment, and keeps it open if it holds a film that is wanted. @returns false when it is not whole */
  async add(path: string): Promise<boolean> {
    const segment = await PlaneSegment.open(path, this.size);
    if (segment === null) return false;
    const before = this.places.size;
    for (const [slot, { key }] of segment.entries.entries()) {
      if (this.wanted.has(key) && !this.places.has(key)) this.places.set(key, { segment, slot });
    }
    if (this.places.size > before) this.segments.push(segment);
    else segment.close();
    return true;
  }

  entry(key: string): PlaneEntry | undefined {
    const place = this.places.get(key);
    return place?.segment.entries[place.slot];
  }

  /** @throws {FederationError} `FILM_UNREADABLE` when the plane is not what was written; its segment is removed */
  read(key: string): Uint8Array {
    const place = this.places.get(key);
    if (place === undefined) throw new RangeError('this film is not in the cache');
    const { segment, slot } = place;
    const plane = segment.read(slot);
    if (plane !== null) return plane;
    rmSync(segment.path, { force: true });
    throw new FederationError(
      'FILM_UNREADABLE',
      `The decoded films in ${segment.path} are damaged; they are decoded again at the next start.`,
    );
  }

  get paths(): ReadonlySet<string> {
    return new Set(this.segments.map(({ path }) => path));
  }

  /** Segments used last are removed last (`cache-limit.ts`). */
  async markUsed(now = new Date()): Promise<void> {
    for (const path of this.paths) await utimes(path, now, now).catch(() => undefined); // removed meanwhile: still open
  }

  close(): void {
    for (const segment of this.segments.splice(0)) segment.close();
    this.places.clear();
  }
}
