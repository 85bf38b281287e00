import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'mocha';
import type { PullSummary } from '@fedoxnet/site-agent/data/pacs/pull';
import { startOrthanc, type Orthanc } from '../../../../support/orthanc.js';
import { skipBecause } from '../../../../support/skip-because.js';
import { scratchFolder } from '../../../agent/support/scratch.js';
import { siteDocument } from '../../../cli/support/site-command.js';

/** The ways in which films are pulled. */
export const WAYS = ['dicomweb', 'get', 'move'] as const;

/**
 * A site beside an Orthanc that holds `films`, for the tests of the enclosing `describe`, which are skipped where there is no
 * Orthanc. Each test has folders of its own, with settings of the PACS.
 */
export class SiteOfOrthanc {
  readonly folder = scratchFolder();
  #orthanc: Orthanc | undefined;

  /** @param films read when the tests begin */
  constructor(films: () => readonly Uint8Array[]) {
    const start = async (context: Context): Promise<void> => {
      const started = await startOrthanc();
      if (typeof started === 'string') skipBecause(context, started);
      this.#orthanc = started;
      for (const film of films()) await started.upload(film);
    };
    before(function () {
      return start(this);
    });
    after(() => this.#orthanc?.stop());
    beforeEach(() => this.configure());
  }

  get orthanc(): Orthanc {
    if (this.#orthanc === undefined) throw new Error('Orthanc runs in tests');
    return this.#orthanc;
  }

  get home(): string {
    return join(this.folder(), 'home');
  }

  /** The data folder that `pull` fills. */
  get out(): string {
    return join(this.folder(), 'data');
  }

  /** Settings as the site's staff would write them. */
  async configure(changes: object = {}): Promise<void> {
    await mkdir(this.home, { recursive: true });
    const { webUrl: url, user, password, aeTitle, dicomPort, clientAe: ae, storePort } = this.orthanc;
    await writeFile(join(this.home, 'pacs.secret'), `${password}\n`, { mode: 0o600 });
    const settings = {
      dicomweb: { url, user, secretFile: 'pacs.secret' },
      dimse: { pacs: `${aeTitle}@127.0.0.1:${dicomPort}`, ae, storePort, storeHost: '127.0.0.1' },
      timeoutSeconds: 20,
      attempts: 2,
      ...changes,
    };
    await writeFile(join(this.home, 'pacs.json'), JSON.stringify(settings));
  }

  pull(...options: string[]): Promise<{ status: number; document: PullSummary; err: string }> {
    const places = ['--home', this.home, '--out', this.out];
    return siteDocument('pull', ...places, '--val', '0', '--time-limit', '60', ...options);
  }
}
