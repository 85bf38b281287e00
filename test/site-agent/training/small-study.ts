import type { Supervision } from '@fedoxnet/site-agent/data/film';
import type { FilmSet, TrainingFilm } from '@fedoxnet/site-agent/data/training-film';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { tinyPlan } from '@fedoxnet/site-agent/training/presets';
import { Random } from '@fedoxnet/site-agent/random';

/** Two classes, 64 pixels, four steps a round, the teacher from round 1: a fraction of a second. */
export function smallPlan(): StudyPlan {
  const plan = tinyPlan({
    ...{
      study: 'small',
      classes: ['Mass', 'Effusion'],
      sites: ['a'],
      rounds: 2,
      localSteps: 4,
      size: 64,
      seed: 1,
    },
  });
  const { training, model } = plan;
  return {
    ...plan,
    model: { ...model, width: 16, headDepth: 1 },
    training: {
      ...training,
      batch: { box: 2, image: 1, none: 1 },
      losses: { ...training.losses, softRegression: 1, teacherFromRound: 1 },
    },
  };
}

/** Grey noise: what a test needs of a film when only its numbers count. */
export function noiseFilm(size: number, seed: number): Uint8Array {
  const random = Random.of('noise', seed);
  return Uint8Array.from({ length: size * size }, () => random.below(256));
}

/**
 * Weights as if something had been learnt. The heads of a fresh network begin at zero and pass no gradient on until they have
 * moved; these do at once.
 */
export function shaken(weights: WeightMap): WeightMap {
  const random = Random.of('shaken');
  return new Map(
    [...weights].map(([name, { shape, values }]) => [
      name,
      { shape, values: values.map((value) => value + random.between(-0.02, 0.02)) },
    ]),
  );
}

/** `count` films of a kind: every second one holds a lesion of class 0 in its upper left corner. */
export function smallFilms(kinds: Partial<Record<Supervision, number>>, size = 64): FilmSet {
  const films: TrainingFilm[] = [];
  for (const [tier, count] of Object.entries(kinds) as [Supervision, number][]) {
    for (let i = 0; i < count; i++) {
      const lesion = i % 2 === 0;
      const boxed = tier === 'box';
      films.push({
        id: `${tier}-${i}`,
        tier,
        boxes: Float32Array.from(boxed && lesion ? [8, 8, 40, 40] : []),
        boxClasses: Int32Array.from(boxed && lesion ? [0] : []),
        boxKnown: new Uint8Array(2).fill(boxed ? 1 : 0),
        labelKnown: new Uint8Array(2).fill(tier === 'none' ? 0 : 1),
        label: Uint8Array.of(lesion ? 1 : 0, 0),
        letterbox: { scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 },
        width: size,
        height: size,
      });
    }
  }
  const pixels = films.map((_, i) => noiseFilm(size, i));
  return { size, films, pixels: (index) => pixels[index]! };
}
