import { hasControls } from '@fedoxnet/shared/study/drift-plan';
import { isControl } from '@fedoxnet/shared/weights/control-variates';
import type { WeightArray, WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { PROTOTYPES, type Oxnet } from '../model/oxnet.js';
import { ControlVariates } from './control-variates.js';
import { withoutNorms, withOwnNorms } from './local-norms.js';
import {
  trainLocalRound,
  type LocalRound,
  type LocalRoundHooks,
  type LocalRoundResult,
} from './local-round.js';

export interface OwnRound extends Omit<
  LocalRound,
  'global' | 'student' | 'teacher' | 'globalTeacher' | 'controls'
> {
  /** The release as it came, which may hold control variates. */
  readonly release: WeightMap;
  /** What the site kept of the last round it delivered; null before. */
  readonly own: WeightMap | null;
  readonly student: Oxnet;
  readonly teacher: Oxnet;
  readonly globalTeacher?: Oxnet | undefined;
}

export interface OwnRoundResult extends LocalRoundResult {
  /** What the site is to keep of this round, once it is delivered; null where the plan keeps nothing. */
  readonly own: WeightMap | null;
}

/**
 * A local round with what the site keeps to itself: it begins from the release with the site's own norms (FedBN) or corrects
 * its steps (SCAFFOLD), and ends with what is sent apart from what is kept.
 */
export async function trainOwnRound(
  { release, own, student, teacher, globalTeacher, ...round }: OwnRound,
  hooks: LocalRoundHooks = {},
): Promise<OwnRoundResult> {
  const { plan } = round;
  const keepsNorms = plan.training.norms === 'local';
  const model = new Map([...release].filter(([name]) => !isControl(name)));
  const global = keepsNorms ? withOwnNorms(model, own, student.norms) : model;
  student.setWeights(global);
  teacher.setWeights(global);
  globalTeacher?.setWeights(global);
  const controls = hasControls(plan) ? new ControlVariates(shapesOf(student), release, own) : null;
  const result = await trainLocalRound(
    { ...round, global, student, teacher, globalTeacher, ...(controls === null ? {} : { controls }) },
    hooks,
  );
  if (controls !== null) {
    const next = controls.next(result.descents);
    const controlled = [...model].filter(([name]) => name !== PROTOTYPES);
    const delta = controls.delta(next, new Map(controlled.map(([name, { shape }]) => [name, shape])));
    return { ...result, update: new Map([...result.update, ...delta]), own: next };
  }
  if (!keepsNorms) return { ...result, own: null };
  const norms = [...student.getWeights()].filter(([name]) => student.norms.has(name));
  return { ...result, update: withoutNorms(result.update, student.norms), own: new Map(norms) };
}

function shapesOf({ trainable }: Oxnet): Map<string, WeightArray['shape']> {
  return new Map([...trainable].map(([name, { shape }]) => [name, shape]));
}
