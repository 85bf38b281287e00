import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FederationError } from '@fedoxnet/shared/errors';
import { findTextLines, hasBurnedInText } from '@fedoxnet/site-agent/data/inspection/burned-in-text';
import { LEAST_SCORE, lookAtChest } from '@fedoxnet/site-agent/data/inspection/chest-look';
import type { GreyPlane } from '@fedoxnet/site-agent/data/grey-plane';
import type { Bench } from '../bench.js';
import { ChestFit, fourPositions } from './fit-chest.js';
import { printName } from './print-text.js';
import { readPlane, realFilms, type RealFilm } from './real-planes.js';

const USAGE = `npm run bench -- film-look [--fit]
  how often the heuristics err on the real films beside the checkout, and with --fit writes
  site-agent/data/inspection/chest-weights.ts anew from the training films of NIH
`;
const WEIGHTS = fileURLToPath(
  new URL('../../../../site-agent/data/inspection/chest-weights.ts', import.meta.url),
);
const LETTERS = [8, 12, 16, 20];

/** Orientation and burned-in text on real films: false alarms, and what is caught when films are turned or printed on. */
export const bench: Bench = {
  name: 'film-look',
  summary: 'orientation and burned-in text on real films: false alarms and hits',
  async run(args) {
    if (args.includes('--help')) {
      process.stderr.write(USAGE);
      return {};
    }
    const { values } = parseOptions(args);
    const films = realFilms();
    if (values.fit === true) {
      await fit(films.filter(isTraining));
      return {};
    }
    const heldOut = films.filter((film) => !isTraining(film));
    return { orientation: await measureLook(heldOut), text: await measureText(films) };
  },
};

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { fit: { type: 'boolean' } } });
  } catch (cause) {
    throw new FederationError('USAGE', `${(cause as Error).message}.`, { cause });
  }
}

const isTraining = (film: RealFilm): boolean => film.set === 'nih' && film.suggested_split === 'train';

async function fit(films: readonly RealFilm[]): Promise<void> {
  const sums = new ChestFit();
  for (const film of films) sums.add(fourPositions(await readPlane(film)));
  const text = `/**
 * [16 · 16] weights of \`chest-look.ts\`, row-major, fitted to ${films.length} frontal chest films of NIH ChestX-ray14
 * (Wang et al., CVPR 2017) by \`npm run bench -- film-look --fit\`.
 */
// prettier-ignore
export const CHEST_WEIGHTS: readonly number[] = [
${lines(sums.weights())}
];
`;
  await writeFile(WEIGHTS, text);
  process.stderr.write(`${WEIGHTS} is written: build and run again\n`);
}

function lines(weights: readonly number[]): string {
  const rows = Array.from({ length: 16 }, (_, row) => weights.slice(16 * row, 16 * row + 16).join(', '));
  return rows.map((row) => `  ${row},`).join('\n');
}

/** Each film upright, in the three other positions, and with black and white exchanged. */
async function measureLook(films: readonly RealFilm[]) {
  const wrong = { upright: 0, unlike: 0, turned: 0, inverted: 0 };
  for (const film of films) {
    const plane = await readPlane(film);
    const upright = lookAtChest(plane);
    if (upright.score < LEAST_SCORE) wrong.unlike++;
    else if (upright.turns !== 0 || upright.inverted) wrong.upright++;
    const inverted = lookAtChest({ ...plane, pixels: plane.pixels.map((value) => 255 - value) });
    if (inverted.score >= LEAST_SCORE && inverted.turns === 0 && !inverted.inverted) wrong.inverted++;
    for (const turned of quarterTurns(plane)) {
      const look = lookAtChest(turned);
      if (look.score >= LEAST_SCORE && look.turns === 0 && !look.inverted) wrong.turned++;
    }
  }
  return {
    heldOutFilms: films.length,
    falseAlarms: { turnedOrInverted: wrong.upright, unlikeAChest: wrong.unlike },
    missed: {
      turned: wrong.turned,
      ofTurned: 3 * films.length,
      inverted: wrong.inverted,
      ofInverted: films.length,
    },
  };
}

function quarterTurns({ width, height, pixels }: GreyPlane): GreyPlane[] {
  const half = pixels.slice().reverse();
  const quarter = (source: Uint8Array): GreyPlane => ({
    width: height,
    height: width,
    pixels: source.map(
      (_, i) => source[(height - 1 - (i % height)) * width + Math.floor(i / height)] as number,
    ),
  });
  return [quarter(pixels), { width, height, pixels: half }, quarter(half)];
}

/** Films as they are (their markers are true print), and every sixteenth with a name printed on it. */
async function measureText(films: readonly RealFilm[]) {
  let seed = 1;
  const draw = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  let [anyLine, alarms, printed] = [0, 0, 0];
  const caught = new Map<number, number>(LETTERS.map((height) => [height, 0]));
  for (const [index, film] of films.entries()) {
    const plane = await readPlane(film);
    if (findTextLines(plane).length > 0) anyLine++;
    const alarm = hasBurnedInText(plane);
    if (alarm) alarms++;
    if (alarm || index % 16 !== 0) continue;
    printed++;
    for (const height of LETTERS)
      if (hasBurnedInText(await printName(plane, height, draw)))
        caught.set(height, (caught.get(height) ?? 0) + 1);
  }
  const share = Object.fromEntries([...caught].map(([height, count]) => [`${height}px`, count / printed]));
  return { films: films.length, withAWord: anyLine, alarms, printed, caughtByLetterHeight: share };
}
