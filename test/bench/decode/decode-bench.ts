import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { FederationError } from '@fedoxnet/shared/errors';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { decodeFilm } from '@fedoxnet/site-agent/data/decode-film';
import { decodeFilms } from '@fedoxnet/site-agent/data/film-cache';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { imageTensor } from '@fedoxnet/site-agent/training/image-tensor';
import type { Bench } from '../bench.js';
import { benchFilms, type BenchFilms } from './bench-films.js';

const USAGE = `npm run bench -- decode [options]
  --size N     side of the square in model pixels (512)
  --channels N 1, as the presets, or 3, as for backbones pretrained on colour (1)
  --films N    at most so many files of each kind (100)
  --passes N   times every film is read; the fastest pass counts, as on a machine left alone (9)
`;

/** Films per second: of wall time, and of the processor time the whole process took. */
interface Rate {
  readonly wall: number;
  readonly cpu: number;
}

async function run(args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const options = parseOptions(args);
  if (options === 'help') {
    process.stderr.write(USAGE);
    return {};
  }
  const { size, channels, count, passes } = options;
  const backend = await selectBackend('auto', { threads: 1 });
  sharp.concurrency(1); // one film at a time on one thread: what one core does
  const scratch = await mkdtemp(join(tmpdir(), 'fedoxnet-decode-'));
  try {
    const films = await benchFilms(scratch, count);
    const { real, png, jpeg, largeJpeg } = films;
    process.stderr.write(
      `${real ? 'real films' : 'phantoms'} into ${size} × ${size} × ${channels}, one at a time, ${backend.description}\n` +
        `${''.padEnd(34)}films/s   per CPU second\n`,
    );
    const toTensor = (pixels: Uint8Array): void => imageTensor([pixels], size, channels).dispose();
    const decoded = async (path: string): Promise<void> => toTensor((await decodeFilm(path, size)).pixels);
    const rates = {
      png: await measured(`PNG, ${png.length} files`, png, decoded, passes),
      pngFloor: await measured('  libvips alone, not scaled', png, bareDecode, passes),
      jpeg: await measured(`JPEG, ${jpeg.length} files`, jpeg, decoded, passes),
      jpegFloor: await measured('  libvips alone, not scaled', jpeg, bareDecode, passes),
      largeJpeg: await measured('JPEG of 2880 px', largeJpeg, decoded, passes),
      largeJpegFloor: await measured('  libvips alone, not scaled', largeJpeg, bareDecode, passes),
      cached: await measuredCached(films, size, scratch, toTensor, passes),
    };
    const take = (by: keyof Rate) => ({
      png: rates.png[by],
      jpeg: rates.jpeg[by],
      largeJpeg: rates.largeJpeg[by],
      cached: rates.cached[by],
    });
    return {
      ...take('wall'),
      perCpuSecond: take('cpu'),
      floor: {
        png: rates.pngFloor.cpu,
        jpeg: rates.jpegFloor.cpu,
        largeJpeg: rates.largeJpegFloor.cpu,
      },
      size,
      channels,
      threads: 1,
      real,
      files: { png: png.length, jpeg: jpeg.length },
      backend: backend.name,
      loadAverage: loadavg()[0],
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The least that any reader of the file has to do: all pixels, one channel. */
async function bareDecode(path: string): Promise<void> {
  await sharp(path).toColourspace('b-w').raw().toBuffer();
}

/** Decodes once, then reads every film from the disk as training does. */
async function measuredCached(
  { png, jpeg }: BenchFilms,
  size: number,
  scratch: string,
  toTensor: (pixels: Uint8Array) => void,
  passes: number,
): Promise<Rate> {
  const records = await Promise.all(
    [...png, ...jpeg].map(async (file, index): Promise<FilmRecord> => {
      const { width, height } = await sharp(file).metadata();
      const id = `${index}`;
      return { id, file, width, height, patient: id, split: 'train', boxes: [], readings: {} };
    }),
  );
  const options = { catalogueFolder: '/', films: records, size, cacheFolder: join(scratch, 'cache') };
  (await decodeFilms(options)).close();
  const films = await decodeFilms(options);
  const read = (index: number): void => toTensor(films.pixels(index));
  try {
    return await measured(`cached, ${films.usable.length} films`, [...films.usable.keys()], read, passes);
  } finally {
    films.close();
  }
}

async function measured<T>(
  name: string,
  items: readonly T[],
  work: (item: T) => Promise<void> | void,
  passes: number,
): Promise<Rate> {
  for (const item of items.slice(0, 5)) await work(item);
  const rates: Rate[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const [started, before] = [performance.now(), process.cpuUsage()];
    for (const item of items) await work(item);
    const { user, system } = process.cpuUsage(before);
    rates.push({
      wall: (items.length / (performance.now() - started)) * 1e3,
      cpu: (items.length / (user + system)) * 1e6,
    });
  }
  const best = (by: keyof Rate): number => round(Math.max(...rates.map((rate) => rate[by])));
  const rate = { wall: best('wall'), cpu: best('cpu') };
  process.stderr.write(
    `${name.padEnd(30)}${String(rate.wall).padStart(11)}${String(rate.cpu).padStart(17)}\n`,
  );
  return rate;
}

const round = (value: number): number => Math.round(value * 10) / 10;

interface Options {
  readonly size: number;
  readonly channels: 1 | 3;
  readonly count: number;
  readonly passes: number;
}

/** @throws {FederationError} `USAGE` */
function parseOptions(args: readonly string[]): Options | 'help' {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        size: { type: 'string', default: '512' },
        channels: { type: 'string', default: '1' },
        films: { type: 'string', default: '100' },
        passes: { type: 'string', default: '9' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    throw new FederationError('USAGE', (cause as Error).message, { cause });
  }
  if (values.help) return 'help';
  const whole = (name: 'size' | 'films' | 'passes', least: number, most: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new FederationError('USAGE', `--${name} takes a whole number, ${least} to ${most}.`);
    return value;
  };
  if (values.channels !== '1' && values.channels !== '3')
    throw new FederationError('USAGE', '--channels takes 1 or 3.');
  const channels = values.channels === '1' ? 1 : 3;
  return {
    channels,
    size: whole('size', 32, 4096),
    count: whole('films', 5, 10_000),
    passes: whole('passes', 1, 99),
  };
}

export const bench: Bench = {
  name: 'decode',
  summary: 'films per second from PNG, JPEG and the cache to a tensor, on one core',
  run,
};
