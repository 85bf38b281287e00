import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import type { Federation } from './federation.js';
import { runSite, type SiteRun } from './run-site.js';

/** The site whose films have boxes of Mass; those of the others have labels. */
const BOXED = 'boxes';

/** How many phantoms each site draws, and the share of them that it holds out. */
export interface PhantomFilms {
  readonly films: number;
  readonly valFraction: number;
}

/**
 * Runs a study of Mass and Effusion to its end: real agents with real trainers, each on phantoms of its own.
 * @returns the model that it began with, and how the agent of each site ended, in the order of the plan
 */
export async function trainOnPhantoms(
  federation: Federation,
  plan: StudyPlan,
  films: PhantomFilms,
): Promise<{ initial: WeightMap; ended: readonly SiteRun[] }> {
  const { weights: initial, metadata } = await initialModel(plan);
  await federation.createStudy(plan, encodeSafetensors(initial, metadata));
  for (const site of plan.sites) {
    await federation.enrol(site, plan);
    await generatePhantoms({
      ...films,
      ...{ out: federation.data(site), size: plan.model.size, seed: site, scanner: 'digital' },
      classes: plan.classes,
      supervision: { Mass: site === BOXED ? 'box' : 'image', Effusion: 'image' },
    });
  }
  const running = plan.sites.map((site) => runSite(federation.home(site), federation.data(site)));
  await federation.untilAllReady(plan.study, 60);
  await federation.startStudy(plan);
  return { initial, ended: await Promise.all(running) };
}
