import { z } from 'zod';
import { filmRecord, lesionBox } from '../../data/film.js';

/** What the console and its examiner, a child process, say to each other. One order at a time; paths and numbers only. */
export const examineOrder = z.object({
  /** A released model, safetensors. */
  model: z.string().min(1),
  /** The site's own norms of it, where its study does not share them. */
  norms: z.string().min(1).nullable(),
  /** A checkpoint of a local round with a teacher in it. */
  checkpoint: z.string().min(1).nullable(),
  film: filmRecord,
  /** Where the film's pixels are. */
  file: z.string().min(1),
});
export type ExamineOrder = z.infer<typeof examineOrder>;

const boxes = z.array(lesionBox.extend({ score: z.number() }));
export const examineReply = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('examined'),
    model: boxes,
    /** Null without a checkpoint that fits the model; step of its round. */
    teacher: z.object({ boxes, step: z.number().int() }).nullable(),
  }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
]);
export type ExamineReply = z.infer<typeof examineReply>;
