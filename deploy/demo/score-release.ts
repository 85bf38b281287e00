import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { evaluateFile } from '@fedoxnet/site-agent/evaluation/evaluate';
import { z } from 'zod';

/**
 * A process of its own, started by `held-out-score.ts`: scores a released model on held-out films exactly, from single
 * detections, and prints one JSON document. Apart from the demo because TensorFlow blocks the process it runs in.
 */
const request = z.object({
  model: z.string(),
  /** Folder with the catalogue of held-out films. */
  heldOut: z.string(),
  cache: z.string(),
  backend: z.enum(['auto', 'gpu', 'cpu', 'wasm']),
});
export type ScoreRequest = z.infer<typeof request>;

const { model, heldOut, cache, backend } = request.parse(JSON.parse(process.argv[2] ?? ''));
await selectBackend(backend);
const { films, metrics } = await evaluateFile({
  model,
  catalogueFolder: heldOut,
  split: 'val',
  cacheFolder: cache,
});
process.stdout.write(`${JSON.stringify({ films, metrics })}\n`);
