import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { SUPERVISIONS, type Supervision } from '../../data/film.js';
import { generatePhantoms } from '../../phantoms/generate-phantoms.js';
import { PHANTOM_CLASSES } from '../../phantoms/lesions/lesion-kinds.js';
import type { ScannerName } from '../../phantoms/scanner.js';
import { withProgressBar } from '../long-work.js';
import type { Outcome } from '../terminal.js';

export interface PhantomOptions {
  readonly out: string;
  readonly films: number;
  readonly size: number;
  readonly seed: string;
  readonly scanner: ScannerName;
  readonly val: number;
  readonly supervision: readonly string[];
}

/** Writes a hospital of synthetic films with a catalogue: anyone can try everything without a patient's film. */
export async function phantom(options: PhantomOptions): Promise<Outcome> {
  const out = resolve(options.out);
  const { films, size, seed, scanner, val } = options;
  const supervision = supervisionOf(options.supervision);
  const catalogue = await withProgressBar('phantoms', (onProgress) =>
    generatePhantoms({ out, films, size, seed, scanner, valFraction: val, supervision, onProgress }),
  );
  const held = catalogue.films.filter((film) => film.split === 'val').length;
  return {
    document: { out, films, val: held, size, seed, scanner, classes: catalogue.classes, supervision },
    text: `${out}: ${films - held} training films and ${held} held out, ${size}×${size}, ${scanner} scanner`,
  };
}

/** `box` for all classes, or `Mass=box,Effusion=image`: classes that are not named are unlabelled. */
function supervisionOf(entries: readonly string[]): Record<string, Supervision> {
  const [first] = entries;
  if (entries.length === 1 && isSupervision(first)) {
    return Object.fromEntries(PHANTOM_CLASSES.map((name) => [name, first]));
  }
  return Object.fromEntries(
    entries.map((entry) => {
      const [name, kind] = entry.split('=');
      if (name === undefined || name === '' || !isSupervision(kind)) {
        throw new FederationError('USAGE', `--supervision ${entry} is not CLASS=${SUPERVISIONS.join('|')}.`);
      }
      return [name, kind];
    }),
  );
}

function isSupervision(text: string | undefined): text is Supervision {
  return SUPERVISIONS.some((kind) => kind === text);
}
