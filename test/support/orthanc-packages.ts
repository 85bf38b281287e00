import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '#setup/tensorflow-libraries';

const run = promisify(execFile);
const PACKAGES = ['orthanc', 'orthanc-dicomweb', 'orthanc-gdcm'];
const PROGRAM = 'usr/sbin/Orthanc';
const PLUGINS = ['libOrthancDicomWeb.so', 'libOrthancGdcm.so'].map(
  (name) => `usr/share/orthanc/plugins/${name}`,
);
/** 10 MB, where most libraries are there already. */
const DOWNLOAD_MS = 180_000;

export interface OrthancProgram {
  readonly program: string;
  readonly plugins: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Orthanc as it is installed; else Debian's packages, and what they need that is not here, fetched by apt-get and unpacked
 * into fedoxnet's cache folder: nothing is installed, and no right to do so is needed.
 * @returns the reason as text when neither is possible
 */
export function findOrthanc(): Promise<OrthancProgram | string> {
  return (searched ??= search());
}

/** What cannot be had is not tried again in the next suite. */
let searched: Promise<OrthancProgram | string> | null = null;

async function search(): Promise<OrthancProgram | string> {
  if (await isWhole('/')) return inside('/');
  const unpacked = join(cacheFolder(), 'orthanc');
  if (await isWhole(unpacked)) return inside(unpacked);
  try {
    await unpack(unpacked);
  } catch (error) {
    const [why = ''] = (error as Error & { stderr?: string }).stderr?.trim().split('\n').slice(-1) ?? [];
    return `Orthanc is not installed, and apt-get does not fetch it: ${why || (error as Error).message}`;
  }
  return (await isWhole(unpacked)) ? inside(unpacked) : `the packages in ${unpacked} hold no Orthanc`;
}

async function isWhole(root: string): Promise<boolean> {
  const found = await Promise.all(
    [PROGRAM, ...PLUGINS].map((path) =>
      access(join(root, path)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

async function unpack(target: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const scratch = await mkdtemp(join(cacheFolder(), 'orthanc-'));
  try {
    // Only says what it would install; a lock is not needed for that.
    const simulate = ['-o', 'Debug::NoLocking=1', '--no-install-recommends', '--simulate', 'install'];
    const { stdout } = await run('apt-get', [...simulate, ...PACKAGES]);
    const wanted = [...stdout.matchAll(/^Inst (\S+) .*?\((\S+) /gm)].map(
      ([, name, version]) => `${name}=${version}`,
    );
    const patience = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=15'];
    await run('apt-get', [...patience, 'download', ...wanted], { cwd: scratch, timeout: DOWNLOAD_MS });
    const root = join(scratch, 'root');
    for (const file of (await readdir(scratch)).filter((name) => name.endsWith('.deb')))
      await run('dpkg-deb', ['--extract', join(scratch, file), root]);
    await rm(target, { recursive: true, force: true });
    await rename(root, target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function inside(root: string): Promise<OrthancProgram> {
  const paths = { program: join(root, PROGRAM), plugins: PLUGINS.map((path) => join(root, path)) };
  if (root === '/') return { ...paths, environment: process.env };
  const libraries = join(root, 'usr/lib');
  const folders = (await readdir(libraries, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory() && /linux-gnu/.test(entry.name))
    .map(({ name }) => join(libraries, name));
  const environment = { ...process.env, LD_LIBRARY_PATH: [...folders, libraries].join(':') };
  // dcmtk looks for its dictionary where its package would have put it.
  const data = join(root, 'usr/share');
  const dictionary = (await readdir(data).catch(() => [])).find((name) => /^libdcmtk\d+$/.test(name));
  if (dictionary === undefined) return { ...paths, environment };
  return { ...paths, environment: { ...environment, DCMDICTPATH: join(data, dictionary, 'dicom.dic') } };
}
