import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';

/** Lies in the work folder and holds the process id of the demo that made it. */
const MARK = 'made-by-fedoxnet-demo';

/**
 * Where a run leaves what it makes. Only files of these names are ever replaced, and only a work folder that an
 * earlier demo made, and that no living one uses, is removed.
 */
export class OutFolder {
  readonly summary: string;
  readonly model: string;
  readonly films: string;
  readonly curves: string;
  readonly losses: string;

  private constructor(
    readonly root: string,
    /** Films, keys, database and logs of this run. */
    readonly work: string,
  ) {
    this.summary = join(root, 'summary.json');
    this.model = join(root, 'model.safetensors');
    this.films = join(root, 'films.png');
    this.curves = join(root, 'curves.png');
    this.losses = join(root, 'losses.png');
  }

  /**
   * Makes the folder ready for a new run.
   * @throws {FederationError} `CONFIG_INVALID` when it cannot be made, or its work folder is not a demo's or is in use
   */
  static async open(path: string): Promise<OutFolder> {
    const root = resolve(path);
    const work = join(root, 'work');
    try {
      await mkdir(root, { recursive: true });
    } catch (cause) {
      throw new FederationError(
        'CONFIG_INVALID',
        `--out ${path} cannot be made: ${(cause as Error).message}.`,
        { cause },
      );
    }
    if (await exists(work)) await removeEarlier(work);
    await mkdir(work, { mode: 0o700 });
    await writeFile(join(work, MARK), `${process.pid}\n`);
    return new OutFolder(root, work);
  }

  log(name: string): string {
    return join(this.work, `${name}.log`);
  }
}

async function removeEarlier(work: string): Promise<void> {
  const owner = await readFile(join(work, MARK), 'utf8').catch(() => null);
  if (owner === null) {
    throw new FederationError(
      'CONFIG_INVALID',
      `${work} was not made by this command: choose another --out.`,
    );
  }
  if (isAlive(Number(owner))) {
    throw new FederationError(
      'CONFIG_INVALID',
      `Another demo (process ${owner.trim()}) uses ${work}: choose another --out.`,
    );
  }
  await rm(work, { recursive: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
