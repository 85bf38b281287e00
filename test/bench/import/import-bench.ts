import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { nihImporter } from '@fedoxnet/site-agent/data/importers/nih';
import { readTable } from '@fedoxnet/site-agent/data/importers/label-table';
import { runImport } from '@fedoxnet/site-agent/data/importers/run-import';
import { decimal, named } from '@fedoxnet/site-agent/data/importers/table-fields';
import { pngHeader } from '../../site-agent/data/importers/support/import-folder.js';
import type { Bench } from '../bench.js';

const USAGE = 'npm run bench -- import [--rows 20000] [--streamed 1000000]';
/** Few files under many names: what is measured is finding and opening them. A file system allows so many names. */
const MAX_LINKS = 50_000;
const LABELS = ['No Finding', 'Mass', 'Effusion|Infiltration', 'Cardiomegaly', 'Atelectasis|Nodule'];

/** An NIH table of as many rows and films, a fifth of them boxed, on the disk; then a longer table that nobody keeps. */
export const bench: Bench = {
  name: 'import',
  summary: 'label rows into a catalogue, and rows of a table alone',
  async run(args) {
    const { rows, streamed } = parse(args);
    const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-bench-'));
    try {
      await writeSource(folder, rows);
      const imported = await measured(() =>
        runImport({
          importer: nihImporter,
          source: join(folder, 'source'),
          out: join(folder, 'site'),
          split: { by: 'patient', val: 0.2 },
          uncertain: 'unknown',
          exhaustive: 'unknown',
          verify: false,
          dryRun: false,
        }),
      );
      const table = await measured(() => readRows(streamed));
      const { films, refused } = imported.result;
      const figures = {
        rows: rows + Math.floor(rows / LABELS.length),
        films: films.train + films.val,
        refused: refused.length,
        seconds: imported.seconds,
        cpuSeconds: imported.cpuSeconds,
        peakRssMb: imported.peakRssMb,
        tableRows: table.result,
        tableRowsPerSecond: Math.round(table.result / table.seconds),
        tableRssGrowthMb: table.growthMb,
      };
      process.stderr.write(`${JSON.stringify(figures, null, 2)}\n`);
      return figures;
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

function parse(args: readonly string[]): { rows: number; streamed: number } {
  try {
    const options = {
      rows: { type: 'string', default: '20000' },
      streamed: { type: 'string', default: '1000000' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const [rows, streamed] = [Number(values.rows), Number(values.streamed)];
    if (!(rows >= 1 && streamed >= 1)) throw new Error('a number of rows is below 1');
    return { rows, streamed };
  } catch (cause) {
    throw new FederationError('USAGE', `${(cause as Error).message}; ${USAGE}.`, { cause });
  }
}

async function writeSource(folder: string, rows: number): Promise<void> {
  const images = join(folder, 'source', 'images');
  await mkdir(images, { recursive: true });
  const [entries, boxes] = [
    [
      'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]',
    ],
    ['Image Index,Finding Label,Bbox [x,y,w,h],,,'],
  ];
  for (let index = 0; index < rows; index += 1) {
    const name = `${String(index).padStart(8, '0')}_000.png`;
    if (index % 1000 === 0) process.stderr.write(`\r${index} of ${rows} films`);
    const file = join(folder, `film-${Math.floor(index / MAX_LINKS)}`);
    if (index % MAX_LINKS === 0) await writeFile(file, pngHeader(1024, 1024));
    await link(file, join(images, name));
    entries.push(`${name},${LABELS[index % LABELS.length]},0,${index >> 2},58,M,PA,2500,2048,0.168,0.168`);
    if (index % LABELS.length === 4) boxes.push(`${name},Nodule,100.5,200.25,60,70`);
  }
  process.stderr.write('\n');
  await writeFile(join(folder, 'source', 'Data_Entry_2017_v2020.csv'), `${entries.join('\n')}\n`);
  await writeFile(join(folder, 'source', 'BBox_List_2017.csv'), `${boxes.join('\n')}\n`);
}

async function readRows(count: number): Promise<number> {
  const text = function* (): Generator<Buffer> {
    yield Buffer.from('film,label,x,y,width,height\n');
    const piece = Buffer.from('00000001_000.png,"Mass, left",100.5,200.25,60,70\n'.repeat(1000));
    for (let rows = 0; rows < count; rows += 1000) yield piece;
  };
  const row = z.object({
    film: named,
    label: named,
    x: decimal,
    y: decimal,
    width: decimal,
    height: decimal,
  });
  let read = 0;
  for await (const { row: entry } of readTable(
    { name: 'rows.csv', open: () => Readable.from(text()) },
    row,
  )) {
    if (entry.width > 0) read += 1;
  }
  return read;
}

/** Seconds, and resident memory looked at every 20 ms. */
async function measured<T>(work: () => Promise<T>) {
  const megabytes = (): number => process.memoryUsage.rss() / 2 ** 20;
  const before = megabytes();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, megabytes())), 20);
  const start = performance.now();
  const cpu = process.cpuUsage();
  try {
    const result = await work();
    peak = Math.max(peak, megabytes());
    const seconds = Math.round(performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const cpuSeconds = Math.round((user + system) / 1000) / 1000;
    return { result, seconds, cpuSeconds, peakRssMb: Math.round(peak), growthMb: Math.round(peak - before) };
  } finally {
    clearInterval(timer);
  }
}
