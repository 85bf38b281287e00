import { drawPhantom } from '@fedoxnet/site-agent/phantoms/draw-phantom';
import { SCANNERS } from '@fedoxnet/site-agent/phantoms/scanner';
import { chestElements, dicomFile, pixelElements, type Element } from './dicom-file.js';

export interface PhantomFilm {
  /** Says which picture is drawn; the SOP Instance UID is 2.25.`number`. */
  readonly number: number;
  readonly patient?: string;
  /** YYYYMMDD. */
  readonly date?: string;
  readonly size?: number;
  /** Replace or add to the header. */
  readonly elements?: readonly Element[];
  readonly change?: (pixels: Uint8Array, size: number) => Uint8Array;
}

/** A drawn chest film as a DICOM file, 8 bits, MONOCHROME2. */
export function phantomDicom({
  number,
  patient = `patient-number-${number}`,
  date = '20200131',
  size = 256,
  elements = [],
  change = (pixels) => pixels,
}: PhantomFilm): Buffer {
  const { pixels } = drawPhantom({ seed: `film ${number}`, size, classes: [], scanner: SCANNERS.digital });
  const film = { columns: size, rows: size, bitsAllocated: 8, bitsStored: 8 } as const;
  const base = [
    ...chestElements(`2.25.${number}`, patient).filter(([tag]) => tag !== '00080020'),
    ['00080020', 'DA', date] as const,
    ...pixelElements({ ...film, values: change(pixels, size) }),
  ];
  return dicomFile([...base.filter(([tag]) => !elements.some(([other]) => other === tag)), ...elements]);
}

export function turnedRight(pixels: Uint8Array, size: number): Uint8Array {
  return pixels.map((_, i) => pixels[(size - 1 - (i % size)) * size + Math.floor(i / size)] as number);
}

export function negative(pixels: Uint8Array): Uint8Array {
  return pixels.map((value) => 255 - value);
}
