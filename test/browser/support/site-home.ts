import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { Catalogue } from '@fedoxnet/site-agent/data/film';
import { readCatalogue, writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { Quarantine } from '@fedoxnet/site-agent/data/quarantine/quarantine';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { smallPlan } from '../../e2e/support/small-plan.js';

/** Of the phantoms of a site home, in the order of the plan. */
export const CLASSES = ['Cardiomegaly', 'Effusion', 'Mass'];

/** A real home and data folder of a site, with phantoms; one of them is set aside, and a film that cannot be read. */
export class SiteHome {
  private constructor(
    readonly folder: string,
    readonly catalogue: Catalogue,
  ) {}

  /** @param films 3 of each supervision and as many held out: 12 is the least that makes sense */
  static async make(films = 12, size = 256): Promise<SiteHome> {
    const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-console-'));
    const home = new SiteHome(folder, { version: 1, source: '', classes: [], films: [] });
    await mkdir(home.home, { recursive: true });
    await generatePhantoms({
      ...{ out: home.data, films, size, seed: 'console', scanner: 'digital', valFraction: 1 / 4 },
      classes: CLASSES,
      supervision: { Cardiomegaly: 'box', Effusion: 'box', Mass: 'box' },
    });
    const all = await readCatalogue(home.data);
    // A third has image labels alone, a third nothing; what a phantom shows is known either way.
    const relabelled = all.films.map((film, index) => {
      const about = {
        view: 'PA',
        sex: index % 2 === 0 ? 'F' : 'M',
        ageBand: '40-59',
        meanGrey: 120,
      } as const;
      if (film.split === 'val' || index % 3 === 0) return { ...film, ...about };
      if (index % 3 === 2) return { ...film, ...about, boxes: [], readings: {} };
      const readings = Object.fromEntries(
        CLASSES.map((name) => {
          const present = film.boxes.some((box) => box.class === name) ? 1 : 0;
          return [name, { supervision: 'image', present } as const];
        }),
      );
      return { ...film, ...about, boxes: [], readings };
    });
    const [aside, ...kept] = relabelled;
    if (aside === undefined) throw new Error('a site home has films');
    const catalogue = { ...all, films: kept };
    await writeCatalogue(home.data, catalogue);
    const quarantine = new Quarantine(home.data);
    const turned = { reason: 'turned' as const, detail: 'It seems to lie on its side.' };
    const record = { ...aside, file: `films/released-${aside.id}.png` };
    const png = await readFile(join(home.data, aside.file));
    await quarantine.add({ id: aside.id, findings: [turned], record, twin: null }, png);
    const broken = { reason: 'unreadable' as const, detail: 'The JPEG data end within the picture.' };
    await quarantine.add({ id: 'broken-1', findings: [broken], record: null, twin: null }, null);
    return new SiteHome(folder, catalogue);
  }

  get home(): string {
    return join(this.folder, 'home');
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** Puts a release there as a download does: an untrained network that can run. */
  async addRelease(plan: StudyPlan = smallPlan({ study: 'chest-1', classes: CLASSES })): Promise<void> {
    const { weights, metadata } = await initialModel(plan);
    await this.addReleaseFile(plan.study, encodeSafetensors(weights, metadata));
  }

  async addReleaseFile(study: string, bytes: Uint8Array): Promise<void> {
    const folder = join(this.home, 'work', study);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `release-3-${'ab'.repeat(8)}.safetensors`), bytes);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
