import { resolve } from 'node:path';
import { rotateSiteKeys } from '../../agent/key-rotation.js';
import type { Outcome } from '../terminal.js';

export async function rotateKeys(options: { readonly home: string }): Promise<Outcome> {
  const home = resolve(options.home);
  const keys = await rotateSiteKeys(home);
  return {
    document: { home, keys },
    text: `New keys are in ${home} and at the coordinator; the old ones open nothing any more.`,
  };
}
