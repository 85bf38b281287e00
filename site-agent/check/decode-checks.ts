import { parseDicomFile } from '../data/dicom/data-set.js';
import { readPixelFormat } from '../data/dicom/pixel-format.js';
import { decodeStoredPixels } from '../data/dicom/stored-pixels.js';
import { TRANSFER_SYNTAXES, type TransferSyntax } from '../data/dicom/transfer-syntax.js';
import { failed, passed, type Check } from './check.js';
import { sampleBits, sampleFilm } from './sample-film.js';
import { CODED_SAMPLES, SAMPLE_BITS, SAMPLE_SIDE, sampleValue } from './syntax-samples.js';

const FIX = 'The program or a codec of it is damaged: install it again ("npm run setup"), then check again.';

/** One line for each transfer syntax: a small film that other programs coded is decoded and compared, value by value. */
export function decodeChecks(): Check[] {
  return TRANSFER_SYNTAXES.map((syntax) => ({
    name: `decode-${syntax.uid}`,
    title: `decoding ${syntax.name}`,
    async run() {
      const tolerance = CODED_SAMPLES.get(syntax.uid)?.tolerance ?? 0;
      const difference = await largestDifference(syntax).catch((error: Error) => error);
      if (difference instanceof Error) return failed(`the sample is not decoded: ${difference.message}`, FIX);
      if (difference > tolerance)
        return failed(`values are wrong by up to ${difference}, where ${tolerance} is allowed`, FIX);
      return passed(tolerance === 0 ? 'every value exact' : `no value off by more than ${tolerance}`);
    },
  }));
}

async function largestDifference({ uid }: TransferSyntax): Promise<number> {
  const { dataSet, syntax } = parseDicomFile(sampleFilm(uid));
  const values = await decodeStoredPixels(dataSet, syntax, readPixelFormat(dataSet));
  const lost = SAMPLE_BITS - sampleBits(uid);
  let largest = values.length === SAMPLE_SIDE ** 2 ? 0 : Infinity;
  values.forEach((value, index) => {
    const wanted = sampleValue(index % SAMPLE_SIDE, Math.floor(index / SAMPLE_SIDE)) >> lost;
    largest = Math.max(largest, Math.abs(value - wanted));
  });
  return largest;
}
