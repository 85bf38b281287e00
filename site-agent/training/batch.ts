import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import type { FilmSet } from '../data/training-film.js';
import type { FilmLabels } from '../losses/film-labels.js';
import { augment } from './augmentation.js';
import type { Random } from '../random.js';

/** One mini-batch on the host, before anything is known of the teacher. */
export interface Batch {
  /** [B] what is known of each film, its boxes moved with its pixels. */
  readonly films: readonly FilmLabels[];
  /** [B] of [S · S] grey 0 … 255: the student's strong view and the teacher's weak one. */
  readonly student: readonly Uint8Array[];
  readonly teacher: readonly Uint8Array[];
}

/** @param indexes films of the set, as the sampler drew them */
export function makeBatch(
  set: FilmSet,
  indexes: readonly number[],
  plan: TrainingPlan['augmentation'],
  random: Random,
): Batch {
  const films: FilmLabels[] = [];
  const student: Uint8Array[] = [];
  const teacher: Uint8Array[] = [];
  for (const index of indexes) {
    const film = set.films[index]!;
    const views = augment(set.pixels(index), film.boxes, film.boxClasses, set.size, plan, random);
    const { boxKnown, labelKnown, label } = film;
    films.push({ boxes: views.boxes, boxClasses: views.boxClasses, boxKnown, labelKnown, label });
    student.push(views.student);
    teacher.push(views.teacher);
  }
  return { films, student, teacher };
}
