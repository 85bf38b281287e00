import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { workload } from './workload.js';

const options = workload.omit({ step: true }).extend({
  blocks: z.number().int().min(1).max(1000),
  steps: z.number().int().min(1).max(1000),
  python: z.string(),
  full: z.boolean(),
});
export type TrainStepOptions = z.infer<typeof options>;

export const TRAIN_STEP_USAGE = `npm run bench -- train-step [options]
  --backbone NAME   resnet50 (default), resnet18, resnet34, resnet101 or tiny, the demo's network
  --size PIXELS     side of a film (256)
  --batch FILMS     films per step (4)
  --threads N       of either contender (1: hospitals share a machine in the demo, and processor time is comparable)
  --blocks N        blocks of each contender, by turns (5)
  --steps N         steps per block (3)
  --python PATH     a Python with torch, for the comparison (python3); skipped without it
  --full            also the full step: teacher and every term, against the detector's step
`;

/** @throws {FederationError} `USAGE` */
export function parseTrainStepOptions(args: readonly string[]): TrainStepOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const number = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : Number(text);
  const result = options.safeParse({
    backbone: values.backbone ?? 'resnet50',
    size: number(values.size, 256),
    batch: number(values.batch, 4),
    threads: number(values.threads, 1),
    blocks: number(values.blocks, 5),
    steps: number(values.steps, 3),
    python: values.python ?? 'python3',
    full: values.full ?? false,
  });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new FederationError('USAGE', `--${String(issue?.path[0])}: ${issue?.message ?? 'not valid'}.`);
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{
          backbone: text,
          size: text,
          batch: text,
          threads: text,
          blocks: text,
          steps: text,
          python: text,
        },
        ...{ full: flag, help: flag },
      },
    }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('. ')[0]! : String(cause);
    throw new FederationError('USAGE', `${message}.`, { cause });
  }
}
