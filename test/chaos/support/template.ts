import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { tinyPlan } from '@fedoxnet/site-agent/training/presets';
import { Federation } from '../../e2e/support/federation.js';

const SITE_PROGRAM = fileURLToPath(import.meta.resolve('@fedoxnet/site-agent/main'));
const run = promisify(execFile);

export const STUDY = 'chaos';
export const SITES = ['north', 'south'] as const;
export const STEPS = 4;

/**
 * Two hospitals, rounds of four steps at 64 pixels; the model is just larger than one chunk. Coordinator and sites keep
 * something from round to round, a server's optimiser and norms of their own, so that a fault may lose it.
 */
export function chaosPlan(rounds: number): StudyPlan {
  const plan = tinyPlan({
    study: STUDY,
    classes: ['Mass', 'Effusion'],
    sites: SITES,
    rounds,
    localSteps: STEPS,
    size: 64,
    seed: 11,
    // No fault is to be healed by it, and a machine with much other work must not run into it.
    roundDeadlineSeconds: 900,
  });
  const { model, training } = plan;
  return {
    ...plan,
    model: { ...model, levels: [3, 6], width: 112, headDepth: 1 },
    training: {
      ...training,
      batch: { box: 1, image: 1, none: 0 },
      losses: { ...training.losses, teacherFromRound: 2 },
      norms: 'local',
    },
    aggregation: {
      ...plan.aggregation,
      normBound: 2,
      server: { optimizer: 'fedadam', learningRate: 0.01, beta1: 0.9, beta2: 0.99, tau: 0.001 },
    },
  };
}

/**
 * A study just before its start: the coordinator's data, and the homes and films of two enrolled sites that approved
 * the plan. Made once; every trial works on a copy of all but the films.
 */
export class Template {
  private constructor(
    readonly folder: string,
    readonly rounds: number,
  ) {}

  /** @param databaseUrl where the coordinator keeps its tables, when not beside the rest */
  static async make(rounds: number, databaseUrl?: string): Promise<Template> {
    const plan = chaosPlan(rounds);
    const federation = await Federation.start(60_000, databaseUrl);
    const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-chaos-'));
    try {
      const { weights, metadata } = await initialModel(plan);
      await federation.createStudy(plan, encodeSafetensors(weights, metadata));
      for (const site of SITES) {
        await federation.enrol(site, null);
        await run(process.execPath, [
          SITE_PROGRAM,
          'approve',
          planHash(plan),
          '--home',
          federation.home(site),
        ]);
        await generatePhantoms({
          out: join(folder, 'films', site),
          films: 5,
          size: 64,
          seed: site,
          scanner: 'digital',
          valFraction: 0.2,
          classes: ['Mass', 'Effusion'],
          supervision: { Mass: site === 'north' ? 'box' : 'image', Effusion: 'box' },
        });
      }
      await federation.coordinator.close();
      await cp(join(federation.folder, 'coordinator'), join(folder, 'coordinator'), { recursive: true });
      for (const site of SITES)
        await cp(federation.home(site), join(folder, 'homes', site), { recursive: true });
      return new Template(folder, rounds);
    } finally {
      await federation.close();
    }
  }

  films(site: string): string {
    return join(this.folder, 'films', site);
  }

  /** @param address that the sites of the copy will dial */
  async copy(into: { readonly homes: string; readonly coordinator: string }, address: string): Promise<void> {
    await cp(join(this.folder, 'coordinator'), into.coordinator, { recursive: true });
    for (const site of SITES) {
      const home = join(into.homes, site);
      await cp(join(this.folder, 'homes', site), home, { recursive: true });
      const file = join(home, 'membership.json');
      const member = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
      await writeFile(file, JSON.stringify({ ...member, address }), { mode: 0o600 });
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
