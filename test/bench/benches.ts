import type { Bench } from './bench.js';

/** Every bench by its name; loaded only when it runs, since each pulls in its own part of the product. */
export const BENCHES: ReadonlyMap<string, () => Promise<Bench>> = new Map<string, () => Promise<Bench>>([
  ['round', async () => (await import('./round/round-bench.js')).bench],
  ['film-look', async () => (await import('./film-look/film-look-bench.js')).bench],
  ['import', async () => (await import('./import/import-bench.js')).bench],
  ['train-step', async () => (await import('./train-step/train-step-bench.js')).bench],
  ['decode', async () => (await import('./decode/decode-bench.js')).bench],
  ['ablation', async () => (await import('./ablation/ablation-bench.js')).bench],
  ['pacs', async () => (await import('./pacs/pacs-bench.js')).bench],
  ['dicom', async () => (await import('./dicom/dicom-bench.js')).bench],
]);
