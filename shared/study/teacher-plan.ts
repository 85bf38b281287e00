import { z } from 'zod';

/** Who tells a film what its labels do not, and how much of it is believed. */
export const teacherPlan = z.strictObject({
  /** Of the mean teacher: T ← decay · T + (1 − decay) · student. At 1 it stays the round's global model. */
  decay: z.number().min(0).max(1),
  /** Boxes above this score are kept. */
  keepScore: z.number().min(0).max(1),
  /** The same for a class that a label of the film calls present: with fewer false boxes to fear, a lower score will do. */
  keepScoreLabelled: z.number().min(0).max(1).optional(),
  /**
   * Of such a class also boxes below that score are kept: those above this share of the highest score that any anchor of the film
   * has for it. The label says that something is there, the teacher only where.
   */
  keepStrongest: z.number().gt(0).lt(1).optional(),
  /**
   * Sharpens the teacher's scores about the score it keeps boxes at, the more the lower: σ((logit y − logit keep) / temperature). Left
   * out, the student is told the scores as they are, as in the paper.
   */
  temperature: z.number().positive().max(1).optional(),
  /**
   * Who speaks on a pair of film and class of which the site's labels say nothing at all: the `mean` teacher, also when left out,
   * or the round's `global` model, which has learnt the class where it is annotated and does not forget it during the
   * round (oxnet.md §7.2 item 6, after FedMLP, arXiv:2406.18995, and ConDistFL, arXiv:2308.04070).
   */
  unknown: z.enum(['mean', 'global']).optional(),
  /**
   * Keeps a pseudo box only where the mean teacher and the round's global model both see the class with this IoU or more
   * (oxnet.md §7.2 item 5, after FedMix, Wicaksana et al. 2022, arXiv:2205.01840). Left out, one teacher's word is enough.
   */
  agreement: z.strictObject({ iou: z.number().gt(0).max(1) }).optional(),
});
export type TeacherPlan = z.infer<typeof teacherPlan>;

/** True when the round's global model speaks beside the mean teacher. */
export function asksGlobalModel({ decay, unknown, agreement }: TeacherPlan): boolean {
  return decay < 1 && (unknown === 'global' || agreement !== undefined);
}

/** What is wrong with the teacher of a plan, each as `path: what`. */
export function teacherContradictions({ decay, agreement }: TeacherPlan): string[] {
  return agreement !== undefined && decay === 1
    ? ['training.teacher.agreement: with decay 1 both teachers are the global model and always agree']
    : [];
}
