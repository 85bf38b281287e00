import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';
import { skipBecause } from '../../../../support/skip-because.js';

/** The folder of real films beside the checkout; this file lies in test/dist/site-agent/data/importers/support. */
export const REAL_DATA = fileURLToPath(new URL('../../../../../../../shared/data', import.meta.url));

/** For a `before` hook: skips the suite where the films are not there. */
export function needRealData(context: Context): void {
  if (!existsSync(REAL_DATA)) skipBecause(context, `no real films in ${REAL_DATA}`);
}
