import { addBody } from './anatomy/body.js';
import { addHeart } from './anatomy/heart.js';
import { addLungs } from './anatomy/lungs.js';
import { addMediastinum } from './anatomy/mediastinum.js';
import { addRibs } from './anatomy/ribs.js';
import { addShoulderGirdle } from './anatomy/shoulder-girdle.js';
import { addVessels } from './anatomy/vessels.js';
import { AttenuationPlane, type UnitBox } from './attenuation-plane.js';
import { drawChest } from './chest.js';
import { expose } from './expose.js';
import type { Lesion } from './lesions/lesion.js';
import { LESIONS } from './lesions/lesion-kinds.js';
import { Random } from '../random.js';
import { forOneFilm, type Scanner } from './scanner.js';

/** One synthetic film with the whole truth about it. */
export interface Phantom {
  readonly size: number;
  /** 8-bit grey, row-major, [size · size]. */
  readonly pixels: Uint8Array;
  /** Every lesion on the film, in its own pixels, inside the film. */
  readonly lesions: readonly {
    readonly class: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
}

export interface PhantomOptions {
  /** The same seed, classes and scanner give the same film, byte for byte. */
  readonly seed: string;
  /** Side in pixels; anatomy and lesions do not depend on it. */
  readonly size: number;
  /** Findings that may appear. */
  readonly classes: readonly string[];
  /** How often each finding occurs, relative to the others; alike when left out. One that is not named does not occur. */
  readonly prevalence?: Readonly<Record<string, number>>;
  readonly scanner: Scanner;
}

/** Share of films without any finding. */
const NORMAL_SHARE = 0.2;

/** Draws a frontal chest film: a random person, one to three kinds of findings or none, on one X-ray unit. */
export function drawPhantom({ seed, size, classes, prevalence, scanner }: PhantomOptions): Phantom {
  const random = new Random(seed);
  const findings = drawFindings(classes, prevalence, random.fork('findings'));
  const lesionRandom = (lesion: Lesion, part: string): Random => random.fork(`${lesion.class}/${part}`);
  const chest = findings.reduce(
    (shape, lesion) => lesion.reshape?.(shape, lesionRandom(lesion, 'shape')) ?? shape,
    drawChest(random.fork('chest')),
  );

  const film = new AttenuationPlane(size);
  addBody(chest, film);
  addLungs(chest, film, random.fork('lungs'));
  addMediastinum(chest, film, random.fork('mediastinum'));
  addHeart(chest.heart, film);
  addVessels(chest, film, random.fork('vessels'));
  addRibs(chest, film, random.fork('ribs'));
  addShoulderGirdle(chest, film, random.fork('shoulders'));

  const taken: UnitBox[] = [];
  const lesions = findings.flatMap((lesion) => {
    const boxes = lesion.paint(chest, film, lesionRandom(lesion, 'paint'), taken);
    taken.push(...boxes);
    return boxes.map((box) => inPixels(lesion.class, box, size));
  });
  const pixels = expose(film, forOneFilm(scanner, random.fork('exposure')), random.fork('noise'));
  return { size, pixels, lesions };
}

/** None for a fifth of the films, else one to three kinds; in the order of `LESIONS`, so that large ones come first. */
function drawFindings(
  classes: readonly string[],
  prevalence: PhantomOptions['prevalence'],
  random: Random,
): readonly Lesion[] {
  const weight = (lesion: Lesion): number => prevalence?.[lesion.class] ?? 0;
  const possible = LESIONS.filter(
    (lesion) => classes.includes(lesion.class) && (prevalence === undefined || weight(lesion) > 0),
  );
  if (possible.length === 0 || random.chance(NORMAL_SHARE)) return [];
  const wanted = Math.min(possible.length, random.pick([1, 1, 1, 2, 2, 3]));
  const chosen = new Set<Lesion>();
  while (chosen.size < wanted) {
    if (prevalence === undefined) chosen.add(random.pick(possible));
    else
      chosen.add(
        pickWeighted(
          possible.filter((lesion) => !chosen.has(lesion)),
          weight,
          random,
        ),
      );
  }
  return possible.filter((lesion) => chosen.has(lesion));
}

function pickWeighted(
  lesions: readonly Lesion[],
  weight: (lesion: Lesion) => number,
  random: Random,
): Lesion {
  let point = random.uniform() * lesions.reduce((sum, lesion) => sum + weight(lesion), 0);
  for (const lesion of lesions) {
    point -= weight(lesion);
    if (point < 0) return lesion;
  }
  return lesions.at(-1)!;
}

function inPixels(name: string, box: UnitBox, size: number): Phantom['lesions'][number] {
  const clamp = (value: number): number => Math.min(size, Math.max(0, value * size));
  const x = clamp(box.x1);
  const y = clamp(box.y1);
  return { class: name, x, y, width: clamp(box.x2) - x, height: clamp(box.y2) - y };
}
