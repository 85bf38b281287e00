import { join } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { FederationError } from '@fedoxnet/shared/errors';
import { migrations } from '@fedoxnet/migrations/all';
import type { SignAudit } from '../audit/audit-chain.js';
import { syncTree } from '../durable-files.js';
import { auditTable } from './audit-table.js';
import { censusTable } from './census-table.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { lockFolder, type FolderLock } from './folder-lock.js';
import { migrate } from './migrate.js';
import { personInvitationTable, personSessionTable, personTable } from './person-tables.js';
import { countersignatureTable, receiptTable } from './receipt-tables.js';
import { roundTable, siteRoundTable, uploadTable } from './round-tables.js';
import { challengeTable, invitationTable, sessionTable, siteTable } from './site-tables.js';
import { SnakeNaming } from './snake-naming.js';
import { storesOn, type Stores } from './stores.js';
import { approvalTable, releaseTable, studyTable } from './study-tables.js';

export interface DatabaseOptions {
  /** Holds the embedded database; also locked when a server is used, because keys and blobs lie there. */
  readonly dataDir: string;
  /** postgres://… Without it the embedded database is used. */
  readonly databaseUrl?: string | undefined;
  readonly signAudit: SignAudit;
}

export interface Database {
  /** Each call its own statement. */
  readonly stores: Stores;
  /** All of `work` or nothing of it. Inside, use only the stores it is given. */
  transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  /** What was stored outlives a power failure when this resolves. A server sees to that itself; the embedded one does not wait for the disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const SERVER_POOL = 10;
/** The embedded backend runs one statement at a time; a second connection could only slip between another's steps. */
const EMBEDDED_POOL = 1;

export const TABLES = [
  siteTable,
  invitationTable,
  challengeTable,
  sessionTable,
  personTable,
  personInvitationTable,
  personSessionTable,
  studyTable,
  approvalTable,
  releaseTable,
  roundTable,
  uploadTable,
  siteRoundTable,
  receiptTable,
  countersignatureTable,
  censusTable,
  auditTable,
];

/** How TypeORM reaches either kind of database. Exported for the tests of the schema itself. */
export function dataSourceOptions(
  place: { readonly url: string } | Pick<EmbeddedPostgres, 'host' | 'port'>,
): DataSourceOptions {
  const where =
    'url' in place
      ? { url: place.url, poolSize: SERVER_POOL }
      : { ...place, username: 'postgres', database: 'postgres', ssl: false, poolSize: EMBEDDED_POOL };
  return {
    type: 'postgres',
    ...where,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    parseInt8: true,
    namingStrategy: new SnakeNaming(),
    migrationsTableName: 'migration',
    entities: TABLES,
    migrations,
    // A connection that dies while idle is replaced by the pool; without a handler it would end the process.
    poolErrorHandler: () => undefined,
  };
}

/** Where the database is, fit for a log: without name and password of the user. */
export function describeUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed === null ? 'DATABASE_URL' : `${parsed.hostname}:${parsed.port || '5432'}${parsed.pathname}`;
}

async function connect(options: DataSourceOptions, where: string): Promise<DataSource> {
  try {
    return await new DataSource(options).initialize();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code ?? (message || String(cause));
    throw new FederationError(
      'DATABASE_UNREACHABLE',
      `The database at ${where} does not answer: ${reason}.`,
      {
        cause,
      },
    );
  }
}

/** Opens and migrates the database. @throws {FederationError} `DATABASE_UNREACHABLE`, `DATA_IN_USE` */
export async function openDatabase({ dataDir, databaseUrl, signAudit }: DatabaseOptions): Promise<Database> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    const lock: FolderLock = await lockFolder(dataDir);
    opened.push({ close: () => lock.release() });
    let options: DataSourceOptions;
    const folder = join(dataDir, 'database');
    if (databaseUrl === undefined) {
      const embedded = await startEmbeddedPostgres(folder);
      opened.push(embedded);
      options = dataSourceOptions(embedded);
    } else {
      options = dataSourceOptions({ url: databaseUrl });
    }
    const source = await connect(options, databaseUrl === undefined ? dataDir : describeUrl(databaseUrl));
    opened.push({ close: () => source.destroy() });
    await migrate(source);
    return {
      stores: storesOn(source.manager, signAudit),
      transaction: (work) => source.transaction((manager) => work(storesOn(manager, signAudit))),
      flush: () => (databaseUrl === undefined ? syncTree(folder) : Promise.resolve()),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
