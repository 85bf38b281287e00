import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { FederationError } from '@fedoxnet/shared/errors';
import { findFilms } from '@fedoxnet/site-agent/data/pacs/find-films';
import type { FilmPlace, Pacs } from '@fedoxnet/site-agent/data/pacs/pacs';
import { PACS_WAYS, type PacsWay } from '@fedoxnet/site-agent/data/pacs/pacs-settings';
import { PacsSecret } from '@fedoxnet/site-agent/data/pacs/pacs-secret';
import { DimsePacs } from '@fedoxnet/site-agent/data/pacs/dimse/dimse-pacs';
import { WebPacs } from '@fedoxnet/site-agent/data/pacs/dicomweb/web-pacs';
import { pull } from '@fedoxnet/site-agent/data/pacs/pull';
import { drawPhantom } from '@fedoxnet/site-agent/phantoms/draw-phantom';
import { SCANNERS } from '@fedoxnet/site-agent/phantoms/scanner';
import {
  chestElements,
  dicomFile,
  pixelElements,
  type Element,
} from '../../site-agent/data/dicom/dicom-file.js';
import { startOrthanc, type Orthanc } from '../../support/orthanc.js';
import type { Bench } from '../bench.js';

const USAGE = `npm run bench -- pacs [--films 100] [--connections 4]
  films a second out of an Orthanc on this machine, 1024 × 1024 pixels of 8 bits, uncompressed, by each way:
  fetched alone, and searched, fetched and brought through the site's door. Once from Orthanc as it comes, once with
  TCP_NODELAY=1 in its environment; beside it dcmtk's getscu, which fetches the same films over one association
`;
const SIDE = 1024;
/** Pictures that are drawn; the other films differ from one of them in a few pixels. */
const DRAWN = 8;
const QUERY = { modalities: ['DX'], from: null, to: null, bodyPart: null };
const TIMEOUT_MS = 60_000;
const YARDSTICK_FILMS = 50;
const DIMSE = ['get', 'move'] as const;

export const bench: Bench = {
  name: 'pacs',
  summary: 'films a second out of a local Orthanc, by DICOMweb, C-GET and C-MOVE',
  async run(args) {
    if (args.includes('--help')) {
      process.stderr.write(USAGE);
      return {};
    }
    const { films, connections } = parseOptions(args);
    const plain = await measure('as it comes', {}, PACS_WAYS, films, connections);
    const noDelay = await measure('with TCP_NODELAY=1', { TCP_NODELAY: '1' }, DIMSE, films, connections);
    return { films, connections, side: SIDE, ...plain, noDelay };
  },
};

interface Measured {
  readonly ways: Readonly<Record<string, unknown>>;
  /** Over one association each; null without dcmtk. */
  readonly oneAssociation: Readonly<Record<string, number | null>>;
}

async function measure(
  what: string,
  environment: NodeJS.ProcessEnv,
  ways: readonly PacsWay[],
  films: number,
  connections: number,
): Promise<Measured> {
  const orthanc = await startOrthanc({ environment });
  if (typeof orthanc === 'string') throw new FederationError('DATA_MISSING', `There is no PACS: ${orthanc}.`);
  const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-bench-'));
  try {
    process.stderr.write(`Orthanc ${what}\n`);
    await fill(orthanc, films);
    const measured: Record<string, unknown> = {};
    for (const way of ways) {
      const out = join(folder, way);
      const fetching = await inPacs(orthanc, way, connections, (pacs) => fetchAll(pacs, films));
      const pulling = await inPacs(orthanc, way, connections, (pacs) => pullAll(pacs, out, films));
      measured[way] = { fetched: figures(films, fetching), pulled: figures(films, pulling) };
      process.stderr.write(`${way}: ${JSON.stringify(measured[way])}\n`);
    }
    const few = Math.min(films, YARDSTICK_FILMS);
    const ours = await inPacs(orthanc, 'get', 1, (pacs) => fetchFirst(pacs, few));
    const theirs = await getscuSeconds(orthanc, folder, few);
    const oneAssociation = {
      fedoxnet: figures(few, ours)['filmsPerSecond'] ?? null,
      getscu: theirs === null ? null : Math.round((10 * few) / theirs) / 10,
    };
    process.stderr.write(`C-GET over one association, films/s: ${JSON.stringify(oneAssociation)}\n`);
    return { ways: measured, oneAssociation };
  } finally {
    await orthanc.stop();
    await rm(folder, { recursive: true });
  }
}

/** Over one association and without a search: what dcmtk's program does, too. */
async function fetchFirst(pacs: Pacs, films: number): Promise<void> {
  const signal = new AbortController().signal;
  for (let number = 1; number <= films; number++) {
    const instance = `2.25.${number}`;
    await pacs.fetch({ study: `${instance}.1`, series: `${instance}.2`, instance }, signal);
  }
}

/** dcmtk's own program, one request for each film, as a yardstick. @returns null when it is not installed */
async function getscuSeconds(orthanc: Orthanc, folder: string, films: number): Promise<number | null> {
  const target = join(folder, 'getscu');
  await mkdir(target);
  const queries: string[] = [];
  for (let number = 1; number <= films; number++) {
    const query = join(folder, `query-${number}.dcm`);
    await writeFile(query, dicomFile(placeElements(`2.25.${number}`)));
    queries.push(query);
  }
  const { aeTitle, clientAe, dicomPort } = orthanc;
  const titles = ['-aet', clientAe, '-aec', aeTitle];
  const begun = performance.now();
  const options = [...titles, '-S', '+B', '-od', target, '127.0.0.1', `${dicomPort}`];
  // Its own waits are no part of what is measured; 3.6.7 ends in a fault when its work is done.
  const env = { ...process.env, TCP_NODELAY: '1' };
  const failure = await promisify(execFile)('getscu', [...options, ...queries], { env }).then(
    () => null,
    (error: NodeJS.ErrnoException) => error,
  );
  const seconds = (performance.now() - begun) / 1000;
  if (failure?.code === 'ENOENT') return null;
  const came = (await readdir(target)).length;
  if (came !== films) throw new Error(`getscu brought ${came} of ${films} films`, { cause: failure });
  return seconds;
}

function placeElements(uid: string): Element[] {
  return [
    ['00080018', 'UI', uid],
    ['00080052', 'CS', 'IMAGE'],
    ['0020000D', 'UI', `${uid}.1`],
    ['0020000E', 'UI', `${uid}.2`],
  ];
}

function parseOptions(args: readonly string[]): { films: number; connections: number } {
  try {
    const options = {
      films: { type: 'string', default: '100' },
      connections: { type: 'string', default: '4' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const [films, connections] = [Number(values.films), Number(values.connections)];
    if (!(films >= 1 && connections >= 1 && connections <= 16)) throw new Error('a number is out of range');
    return { films, connections };
  } catch (cause) {
    throw new FederationError('USAGE', `${(cause as Error).message}.`, { cause });
  }
}

async function fill(orthanc: Orthanc, films: number): Promise<void> {
  const drawn = new Map<number, Uint8Array>();
  for (let number = 1; number <= films; number++) {
    const seed = number % DRAWN;
    const pixels = drawn.get(seed) ?? draw(seed);
    drawn.set(seed, pixels);
    await orthanc.upload(film(pixels, number));
    if (number % 10 === 0) process.stderr.write(`\r${number} of ${films} films in the PACS`);
  }
  process.stderr.write('\n');
}

function draw(seed: number): Uint8Array {
  return drawPhantom({ seed: `${seed}`, size: SIDE, classes: [], scanner: SCANNERS.digital }).pixels;
}

/** A film of its own, or the door would take it for a duplicate. */
function film(pixels: Uint8Array, number: number): Buffer {
  const values = Uint8Array.from(pixels);
  values.set([number & 0xff, number >> 8], SIDE / 2);
  const format = { columns: SIDE, rows: SIDE, bitsAllocated: 8, bitsStored: 8 } as const;
  const header = chestElements(`2.25.${number}`, `patient-${number}`);
  return dicomFile([...header, ...pixelElements({ ...format, values })]);
}

/** Seconds of the clock, and of the processor in this process: they differ where other work shares the machine. */
interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

/** What `work` takes, with connections of its own. */
async function inPacs(
  orthanc: Orthanc,
  way: PacsWay,
  connections: number,
  work: (pacs: Pacs) => Promise<void>,
): Promise<Seconds> {
  const pacs = open(orthanc, way, connections);
  const [start, used] = [performance.now(), process.cpuUsage()];
  try {
    await work(pacs);
    const { user, system } = process.cpuUsage(used);
    return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
  } finally {
    await pacs.close();
  }
}

function open(orthanc: Orthanc, way: PacsWay, connections: number): Pacs {
  const { webUrl: url, user, password, aeTitle, clientAe, dicomPort, storePort } = orthanc;
  if (way === 'dicomweb')
    return new WebPacs({ url, secret: new PacsSecret(user, password), timeoutMs: TIMEOUT_MS, connections });
  return new DimsePacs({
    ...{
      host: '127.0.0.1',
      port: dicomPort,
      calledAe: aeTitle,
      callingAe: clientAe,
      retrieve: way,
      tls: null,
    },
    ...{ storePort, storeHost: '127.0.0.1', timeoutMs: TIMEOUT_MS, connections },
  });
}

/** What a connection and a PACS can do: films are thrown away. */
async function fetchAll(pacs: Pacs, films: number): Promise<void> {
  const signal = new AbortController().signal;
  const found: FilmPlace[] = [];
  for await (const film of findFilms(pacs, QUERY, { signal })) found.push(film);
  if (found.length !== films) throw new Error(`${found.length} of ${films} films were found`);
  await Promise.all(found.map((place) => pacs.fetch(place, signal)));
}

async function pullAll(pacs: Pacs, out: string, films: number): Promise<void> {
  const { summary } = await pull(pacs, {
    ...{ out, labels: null, val: 0.2, side: SIDE, dryRun: false, timeLimitMs: TIMEOUT_MS },
    ...{ query: QUERY, filmsPerSecond: null, hours: null, once: true, limit: Infinity, attempts: 2 },
    now: () => new Date(),
    signal: new AbortController().signal,
    onRetry: ({ message }) => process.stderr.write(`${message}\n`),
    onFinding: () => undefined,
    onProgress: () => undefined,
    onWaiting: () => undefined,
  });
  if (summary.import?.files.admitted !== films)
    throw new Error(`of ${films} films the door made ${JSON.stringify(summary.import?.files)}`);
}

function figures(films: number, { wall, cpu }: Seconds): Record<string, number> {
  return {
    filmsPerSecond: Math.round((10 * films) / wall) / 10,
    cpuMsPerFilm: Math.round((1000 * cpu) / films),
  };
}
