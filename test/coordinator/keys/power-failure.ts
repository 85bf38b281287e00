import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { mkdir, open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A disk that keeps no more than it must: of a file what it held when it was last synced, and of a folder the names that it held
 * then. Watches what this process syncs, which Linux alone tells.
 */
export class PowerFailure {
  /** By inode. */
  readonly #contents = new Map<number, Buffer>();
  /** By path: inodes by name. */
  readonly #folders = new Map<string, ReadonlyMap<string, number>>();

  private constructor(readonly end: () => void) {}

  static async watch(): Promise<PowerFailure> {
    const handle = await open('/proc/self', 'r');
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its handle below
    const { sync } = prototype;
    const failure = new PowerFailure(() => void (prototype.sync = sync));
    prototype.sync = async function (this: FileHandle) {
      await sync.call(this);
      failure.#kept(readlinkSync(`/proc/self/fd/${this.fd}`));
    };
    return failure;
  }

  /** Makes the folder `into` as `folder` would be found after a power failure at this moment. */
  async leaves(folder: string, into: string): Promise<void> {
    await mkdir(into, { recursive: true });
    for (const [name, inode] of this.#folders.get(folder) ?? [])
      await writeFile(join(into, name), this.#contents.get(inode) ?? '');
  }

  /** Names in a folder that are on the disk. */
  namesIn(folder: string): readonly string[] {
    return [...(this.#folders.get(folder)?.keys() ?? [])];
  }

  #kept(path: string): void {
    const found = statSync(path);
    if (found.isDirectory()) {
      const names = readdirSync(path).flatMap((name): [string, number][] => {
        const inode = statSync(join(path, name), { throwIfNoEntry: false })?.ino;
        return inode === undefined ? [] : [[name, inode]];
      });
      this.#folders.set(path, new Map(names));
    } else {
      this.#contents.set(found.ino, readFileSync(path));
    }
  }
}
