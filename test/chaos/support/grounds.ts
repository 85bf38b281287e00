import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startPostgres, type PostgresServer } from '../../support/postgres.js';
import type { Ground } from './federation-processes.js';
import { Template } from './template.js';

const run = promisify(execFile);

/** `plain`: embedded database, one disk for all. The others have what their name says. */
export const GROUNDS = ['plain', 'PostgreSQL server', 'small disk'] as const;
export type GroundName = (typeof GROUNDS)[number];

const DISK_MB = 256;

/** What studies stand on: made when first asked for, removed together at the end. */
export class Grounds {
  readonly #rounds: number;
  readonly #made: (() => Promise<void>)[] = [];
  #plain: Promise<Template> | null = null;
  #postgres: Promise<{ server: PostgresServer; template: Template } | string> | null = null;
  #server: PostgresServer | null = null;
  #copies = 0;
  #disk: string | null = null;

  /** @param rounds of every study: one or two for each case that is to be tried in it */
  constructor(rounds: number) {
    this.#rounds = rounds;
  }

  get server(): PostgresServer {
    if (this.#server === null) throw new Error('no PostgreSQL server was started');
    return this.#server;
  }

  get ballast(): string {
    return join(this.#disk ?? '', 'ballast');
  }

  /** A ground that no study stood on yet; the reason as text when this machine has none of the kind. */
  async fresh(name: GroundName): Promise<Ground | string> {
    if (name === 'PostgreSQL server') return this.#onServer();
    const template = await (this.#plain ??= this.#template());
    return name === 'plain' ? { template } : this.#onSmallDisk(template);
  }

  async end(): Promise<void> {
    for (const end of this.#made.splice(0).reverse()) await end();
  }

  async #template(databaseUrl?: string): Promise<Template> {
    const template = await Template.make(this.#rounds, databaseUrl);
    this.#made.push(() => template.remove());
    return template;
  }

  async #onServer(): Promise<Ground | string> {
    const made = await (this.#postgres ??= this.#startServer());
    if (typeof made === 'string') return made;
    const name = `study_${(this.#copies += 1)}`;
    await execute(made.server.url, `CREATE DATABASE ${name} TEMPLATE template_study`);
    return { template: made.template, databaseUrl: urlOf(made.server, name) };
  }

  async #startServer(): Promise<{ server: PostgresServer; template: Template } | string> {
    const server = await startPostgres();
    if (typeof server === 'string') return server;
    this.#server = server;
    this.#made.push(() => server.stop());
    await execute(server.url, 'CREATE DATABASE template_study');
    return { server, template: await this.#template(urlOf(server, 'template_study')) };
  }

  async #onSmallDisk(template: Template): Promise<Ground | string> {
    const disk = await mkdtemp(join(tmpdir(), 'fedoxnet-disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'none', disk]);
    } catch (error) {
      await rm(disk, { recursive: true });
      return `a file system of our own cannot be mounted: ${(error as Error).message.split('\n')[1] ?? ''}`;
    }
    this.#disk = disk;
    this.#made.push(async () => {
      await run('umount', ['-l', disk]);
      await rm(disk, { recursive: true, force: true });
    });
    return { template, coordinatorFolder: join(disk, 'coordinator'), ballast: this.ballast };
  }
}

function urlOf({ url }: PostgresServer, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
