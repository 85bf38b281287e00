import { filmSheet } from '../reports/film-sheet.js';
import { drawPhantom } from './draw-phantom.js';
import { PHANTOM_CLASSES } from './lesions/lesion-kinds.js';
import { SCANNERS } from './scanner.js';

/** Twelve phantoms of four hospitals with their exact boxes. @returns the bytes of a PNG file below 300 kB */
export async function phantomSheet(seed: string): Promise<Buffer> {
  const scanners = Object.values(SCANNERS);
  const size = 512;
  const films = Array.from({ length: 12 }, (_, index) => {
    const scanner = scanners[index % scanners.length] ?? SCANNERS.digital;
    const phantom = drawPhantom({ seed: `${seed}/${index}`, size, classes: PHANTOM_CLASSES, scanner });
    const count = phantom.lesions.length;
    return {
      image: { pixels: phantom.pixels, width: size, height: size },
      width: size,
      height: size,
      caption: `${scanner.name} unit · ${count === 0 ? 'normal' : count === 1 ? '1 lesion' : `${count} lesions`}`,
      truths: phantom.lesions,
      detections: [],
    };
  });
  return filmSheet({
    title: 'Synthetic chest films',
    subtitle: 'Four X-ray units, six findings, boxes as drawn. No person was ever before these machines.',
    classes: PHANTOM_CLASSES,
    films,
    tile: 186,
    colours: 20,
  });
}
