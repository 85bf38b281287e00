import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { FederationError } from '@fedoxnet/shared/errors';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { readPixelFormat } from '@fedoxnet/site-agent/data/dicom/pixel-format';
import { prepareFilm, scaledDown } from '@fedoxnet/site-agent/data/dicom/prepare-film';
import { renderFilm } from '@fedoxnet/site-agent/data/dicom/render-film';
import type { Bench } from '../bench.js';

const USAGE = `npm run bench -- dicom [--times N] [--side PIXELS]
  time to read, decode, window and scale each film of ../shared/data/dicom, on one core,
  and to prepare it for a site's data folder (inspection and PNG of 1024 pixels)
`;
const REAL = fileURLToPath(new URL('../../../../../shared/data/dicom/', import.meta.url));
/** One film of each way to code pixels, and of each size. */
const FILMS = [
  'rg1_chest_cr_mono1_15bit_j2k_lossy.dcm',
  'rg3_leg_cr_mono1_10bit_j2k_lossless.dcm',
  'nih_chest_dx_mono2_8bit_implicit.dcm',
  'rsna_chest_cr_mono2_8bit_jpeg_baseline.dcm',
  'synthetic_phi_dx_1.dcm',
  'chest_small_cr_mono1_15bit_explicit_le.dcm',
  'chest_small_cr_mono1_15bit_deflated.dcm',
  'chest_small_cr_mono1_15bit_rle.dcm',
  'chest_small_cr_mono1_15bit_jpeg_lossless_sv1.dcm',
  'chest_small_cr_mono1_15bit_jpegls_lossless.dcm',
  'chest_small_cr_mono1_15bit_j2k_lossless.dcm',
  'chest_small_cr_mono1_12bit_jpeg_extended12.dcm',
] as const;
const KEPT_SIDE = 1024;

/** From the file to a small grey film, and through the site's door, by way of coding. */
export const bench: Bench = {
  name: 'dicom',
  summary: 'read, decode, window and scale DICOM films of each transfer syntax, on one core',
  async run(args) {
    if (args.includes('--help')) {
      process.stderr.write(USAGE);
      return {};
    }
    const { times, side } = parseOptions(args);
    if (!existsSync(REAL)) throw new FederationError('DATA_MISSING', `${REAL} does not exist.`);
    sharp.concurrency(1);
    const films: Record<string, unknown>[] = [];
    for (const film of FILMS) {
      const path = join(REAL, film);
      const { dataSet, syntax } = parseDicomFile(await readFile(path));
      const { rows, columns } = readPixelFormat(dataSet);
      const small = await median(times, () => toSmall(path, side));
      const door = await median(times, async () => prepareFilm(await readFile(path), KEPT_SIDE));
      const row = {
        film,
        syntax: syntax.name,
        megapixels: Number(((rows * columns) / 1e6).toFixed(2)),
        small,
        door,
      };
      films.push(row);
      process.stderr.write(line(syntax.name, `${columns}×${rows}`, small, door));
    }
    return { side, times, films };
  },
};

function parseOptions(args: readonly string[]): { times: number; side: number } {
  try {
    const options = {
      times: { type: 'string', default: '9' },
      side: { type: 'string', default: '512' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    return { times: Number(values.times), side: Number(values.side) };
  } catch (cause) {
    throw new FederationError('USAGE', `${(cause as Error).message}.`, { cause });
  }
}

async function toSmall(path: string, side: number): Promise<void> {
  const { dataSet, syntax } = parseDicomFile(await readFile(path));
  await scaledDown(await renderFilm(dataSet, syntax, readPixelFormat(dataSet)), side);
}

/** Milliseconds, of the clock and of the processor: they differ where other work shares the machine. */
interface Milliseconds {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function median(times: number, work: () => Promise<unknown>): Promise<Milliseconds> {
  await work(); // compiles, and loads the codec
  const [wall, cpu]: [number[], number[]] = [[], []];
  for (let n = 0; n < times; n++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await work();
    wall.push(performance.now() - start);
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
  }
  const middle = (values: number[]): number =>
    Math.round((values.sort((a, b) => a - b)[values.length >> 1] as number) * 10) / 10;
  return { wallMs: middle(wall), cpuMs: middle(cpu) };
}

function line(syntax: string, size: string, small: Milliseconds, door: Milliseconds): string {
  const cell = ({ wallMs, cpuMs }: Milliseconds): string => `${wallMs} (${cpuMs})`.padStart(18);
  return `${syntax.padEnd(40)}${size.padStart(10)}${cell(small)}${cell(door)}  ms, clock (processor)\n`;
}
