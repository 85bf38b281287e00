import type { Logger } from 'pino';
import { Seldom } from '../audit/seldom.js';
import type { Database } from '../storage/database.js';
import type { UploadRow } from '../storage/round-tables.js';
import type { Caller } from './agent-link.js';

export interface DoubleUseOptions {
  readonly database: Database;
  readonly log: Logger;
  readonly now: () => Date;
}

/** What was done with a site's key while the site's agent was connected. */
export type Use = 'connection' | 'sign-in' | 'upload';

/**
 * Notes in the audit log that a site's key seems to be used by two: a second agent by mistake, or a copy of the key. Each site
 * and use has an entry in ten minutes.
 */
export class DoubleUse {
  readonly #options: DoubleUseOptions;
  readonly #seldom = new Seldom();

  constructor(options: DoubleUseOptions) {
    this.#options = options;
  }

  /** Somebody else than the connected agent of the site used its key. */
  async ofKey(site: string, address: string, use: Use): Promise<void> {
    if (!this.#seldom.passes(`${use} ${site}`)) return;
    const { database, log, now } = this.#options;
    log.warn({ site, address, use }, "a site's key is used by somebody else than its connected agent");
    await database.transaction(({ audit }) => audit.append(now(), 'connected-twice', { site, address, use }));
  }

  /** Half an update gave way to another one: an agent that kept its journal never does that. */
  async ofUpload(replaced: UploadRow, digest: string, { address }: Caller): Promise<void> {
    const { study, round, attempt, site, id: upload } = replaced;
    const detail = {
      study,
      round,
      attempt,
      site,
      upload,
      digest: replaced.header.digest,
      by: digest,
      address,
    };
    this.#options.log.warn(detail, 'half an update was replaced by another one');
    if (!this.#seldom.passes(`replaced ${site}`)) return;
    const { database, now } = this.#options;
    await database.transaction(({ audit }) => audit.append(now(), 'upload-replaced', detail));
  }
}
