import { DecodingTimeout, FilmWorkers } from '@fedoxnet/site-agent/data/dicom/film-workers';
import { DicomRefusal } from '@fedoxnet/site-agent/data/dicom/dicom-refusal';
import { Dice } from '../dice.js';
import { mutate } from './mutate.js';

export interface FuzzReport {
  readonly seed: number;
  readonly files: number;
  /** Decoded in spite of the damage, refused with a reason, or ended because they took too long. */
  readonly decoded: number;
  readonly refused: number;
  readonly timedOut: number;
  /** The files that did, with what was done to them. */
  readonly slow: readonly string[];
  /** Sentences that refusals gave, numbers in them replaced, with how often. */
  readonly reasons: Readonly<Record<string, number>>;
  /** From the moment it was handed over, with the end of a thread that took too long and the start of the next. */
  readonly slowestMs: number;
  readonly slowest: string;
  /** What the process held at most beyond what it held before. */
  readonly peakGrowthMb: number;
  /** What happened that must not: no file may end in another way. */
  readonly defects: readonly string[];
}

/** Damages files again and again and puts each through the decoding threads; never stops at what they do. */
export async function fuzzFilms(
  originals: readonly Buffer[],
  { seed, files, side = 512 }: { seed: number; files: number; side?: number },
  onProgress: (done: number) => void = () => undefined,
): Promise<FuzzReport> {
  const dice = new Dice(seed);
  // Others may have worked in this process before: its own record counts only if it is broken here.
  const [rssBefore, recordBefore] = [process.memoryUsage.rss(), peakRssBytes()];
  const workers = new FilmWorkers({ threads: 2 });
  const reasons = new Map<string, number>();
  const defects: string[] = [];
  const slow: string[] = [];
  let slowest = '';
  let [decoded, refused, slowestMs, peakRss, next, done] = [0, 0, 0, 0, 0, 0];
  const refuse = (reason: string): void => {
    refused++;
    const kind = reason.replace(/\d[\d.]*/g, 'N');
    reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
  };
  // Not counted: the first two threads start.
  const whole = originals
    .slice(0, workers.threads)
    .map((film) => workers.prepare(new Uint8Array(film), side));
  await Promise.allSettled(whole);
  const work = async (): Promise<void> => {
    while (next < files) {
      const number = next++;
      const original = dice.below(originals.length);
      const { bytes, kinds } = mutate(originals[original] as Buffer, dice);
      const name = `file ${number} of film ${original} (${kinds.join(', ')})`;
      const started = performance.now();
      try {
        const film = await workers.prepare(new Uint8Array(bytes), side);
        if ('unreadable' in film) refuse(film.unreadable);
        else decoded++;
      } catch (error) {
        if (error instanceof DecodingTimeout) slow.push(name);
        else if (error instanceof DicomRefusal) refuse(error.message);
        else defects.push(`${name}: ${String(error)}`);
      }
      const took = performance.now() - started;
      if (took > slowestMs) [slowestMs, slowest] = [took, name];
      peakRss = Math.max(peakRss, process.memoryUsage.rss());
      onProgress(++done);
    }
  };
  await Promise.all(Array.from({ length: workers.threads }, work));
  await workers.close();
  return {
    seed,
    files,
    decoded,
    refused,
    timedOut: slow.length,
    slow,
    reasons: Object.fromEntries([...reasons].sort(([, a], [, b]) => b - a)),
    slowestMs: Math.round(slowestMs),
    slowest,
    peakGrowthMb: Math.round(((peakRssBytes() > recordBefore ? peakRssBytes() : peakRss) - rssBefore) / 1e6),
    defects,
  };
}

/** The most that this process ever held. */
function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
