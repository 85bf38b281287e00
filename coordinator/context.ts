import type { Logger } from 'pino';
import type { RefusalAudit } from './audit/refusal-audit.js';
import type { BlobStore } from './blobs/blob-store.js';
import type { KeyRing } from './keys/key-ring.js';
import type { GuessLimit } from '@fedoxnet/shared/access/guess-limit';
import type { RoundEngine } from './rounds/engine.js';
import type { StatusReader } from './rounds/status-reader.js';
import type { AccessTokens } from './secret-files.js';
import type { AgentLink } from './sites/agent-link.js';
import type { DoubleUse } from './sites/double-use.js';
import type { Database } from './storage/database.js';
import type { IncomingUpdates } from './uploads/incoming-updates.js';

/** What every request may need. Made once, in coordinator.ts. */
export interface CoordinatorContext {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly incoming: IncomingUpdates;
  readonly keys: KeyRing;
  readonly tokens: AccessTokens;
  readonly guesses: GuessLimit;
  readonly engine: RoundEngine;
  readonly status: StatusReader;
  /** One proxy in front says who asks. */
  readonly behindProxy: boolean;
  /** TLS ends here, so browsers may be told to insist on it. */
  readonly ownTls: boolean;
  /** Without a slash at its end; undefined: where a request came in. */
  readonly publicUrl: string | undefined;
  readonly log: Logger;
  readonly now: () => Date;
  /** Folder for files that a request needs for a while; emptied at every start. */
  readonly scratch: string;
  readonly isConnected: (site: string) => boolean;
  readonly agents: AgentLink;
  readonly doubleUse: DoubleUse;
  readonly refusals: RefusalAudit;
  /** Ends the live connection of a site, if it has one. */
  readonly disconnect: (site: string) => void;
  /** Tells the dashboards that a site's census of the study came or went. */
  readonly announceCensus: (study: string) => void;
  /** Ends the dashboards that a person has open. */
  readonly disconnectPerson: (person: string) => void;
}
