import { z } from 'zod';

/** What became of the teacher's boxes: taken, or disputed by the other teacher (`teacher.agreement`). */
export const pseudoCount = z.object({
  kept: z.number().int().min(0),
  dropped: z.number().int().min(0),
});
export type PseudoCount = z.infer<typeof pseudoCount>;

export const NO_PSEUDO_BOXES: PseudoCount = { kept: 0, dropped: 0 };

export function addPseudoCounts(a: PseudoCount, b: PseudoCount): PseudoCount {
  return { kept: a.kept + b.kept, dropped: a.dropped + b.dropped };
}
