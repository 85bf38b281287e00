import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { averagePrecisionExact } from '@fedoxnet/site-agent/evaluation/average-precision-exact';
import { matchDetections } from '@fedoxnet/site-agent/evaluation/matching';

const hits = (...matched: boolean[]) =>
  matched.map((hit, index) => ({ score: 1 - index / 10, matched: hit }));

describe('averagePrecisionExact', () => {
  it('is 1 when every lesion is found and nothing else is', () => {
    expect(averagePrecisionExact(hits(true, true), 2)).to.equal(1);
  });

  it('is 0 when nothing is found and null when there is nothing to find', () => {
    expect(averagePrecisionExact(hits(false), 2)).to.equal(0);
    expect(averagePrecisionExact([], 2)).to.equal(0);
    expect(averagePrecisionExact(hits(false), 0)).to.equal(null);
  });

  it('samples the envelope at 101 recalls', () => {
    // Two lesions, hit – miss – hit: precision 1 up to recall .5 (51 samples), then 2/3 (50 samples).
    expect(averagePrecisionExact(hits(true, false, true), 2)).to.be.closeTo((51 + 50 * (2 / 3)) / 101, 1e-12);
    // Miss – hit of two: precision 1/2 up to recall .5, beyond it nothing.
    expect(averagePrecisionExact(hits(false, true), 2)).to.be.closeTo((51 * 0.5) / 101, 1e-12);
  });

  const truthOf = z.object({
    image_id: z.number(),
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  });
  const vectors = z
    .object({
      ious: z.array(z.number()),
      cases: z.array(
        z.object({
          films: z.number(),
          truths: z.array(truthOf),
          detections: z.array(truthOf.extend({ score: z.number() })),
          ap: z.array(z.number()),
        }),
      ),
    })
    .parse(JSON.parse(readFileSync(new URL('../../../vectors/coco-ap.json', import.meta.url), 'utf8')));

  for (const [index, { films, truths, detections, ap }] of vectors.cases.entries()) {
    it(`agrees with pycocotools on ${truths.length} lesions on ${films} films (case ${index + 1})`, () => {
      const place = ([x, y, width, height]: readonly [number, number, number, number]) => ({
        class: 'lesion',
        x,
        y,
        width,
        height,
      });
      const records = Array.from({ length: films }, (_, i): FilmRecord => ({
        id: `${i + 1}`,
        file: `${i + 1}.png`,
        width: 200,
        height: 160,
        patient: `${i + 1}`,
        split: 'val',
        boxes: truths.filter((truth) => truth.image_id === i + 1).map((truth) => place(truth.bbox)),
        readings: { lesion: { supervision: 'box' } },
      }));
      const found = detections.map(({ image_id, bbox, score }) => ({
        film: `${image_id}`,
        score,
        ...place(bbox),
      }));
      const [matches] = matchDetections(records, found, ['lesion'], vectors.ious);
      matches?.byIou.forEach((entry, at) => {
        expect(averagePrecisionExact(entry.detections, truths.length)).to.be.closeTo(ap[at] ?? NaN, 1e-9);
      });
      expect(matches?.byIou).to.have.lengthOf(8);
    });
  }
});
