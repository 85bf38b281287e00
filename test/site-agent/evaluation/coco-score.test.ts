import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { readCocoResults, readCocoTruth } from '@fedoxnet/site-agent/evaluation/coco-file';
import { scoreCoco, type CocoFigures, type CocoScore } from '@fedoxnet/site-agent/evaluation/coco-score';
import { COCO_IOUS, iouRange } from '@fedoxnet/site-agent/evaluation/iou-thresholds';
import { askPython, readVector, whyNoPython } from '../../shared/python-peer.js';
import { skipBecause } from '../../support/skip-because.js';

const figures = z.record(z.string(), z.number().nullable());
const peerCases = z.object({
  cases: z.array(
    z.object({
      truth: z.object({ annotations: z.array(z.unknown()) }).loose(),
      predictions: z.array(z.unknown()),
      iou: z.tuple([z.number(), z.number(), z.number()]),
      maxDetections: z.number(),
      figures: z.object({ all: figures, perClass: z.array(figures) }),
    }),
  ),
});
type PeerCase = z.infer<typeof peerCases>['cases'][number];

describe('scoreCoco', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'fedoxnet-coco-'))));
  after(() => rm(folder, { recursive: true }));

  /** Through the files, as the command does. */
  async function scored(
    truth: unknown,
    predictions: unknown,
    ious: readonly number[] = COCO_IOUS,
    perImage = 100,
  ): Promise<CocoScore> {
    const [truthPath, resultsPath] = [join(folder, 'truth.json'), join(folder, 'results.json')];
    await writeFile(truthPath, JSON.stringify(truth));
    await writeFile(resultsPath, JSON.stringify(predictions));
    const truthSet = await readCocoTruth(truthPath);
    return scoreCoco(truthSet, await readCocoResults(resultsPath, truthSet), { ious, perImage });
  }

  async function expectPeersFigures(one: PeerCase, where: string): Promise<void> {
    const score = await scored(one.truth, one.predictions, iouRange(...one.iou), one.maxDetections);
    const compare = (ours: object, peers: Record<string, number | null>, what: string) => {
      for (const [name, peer] of Object.entries(peers)) {
        const own = ours[name as keyof object] as number | null;
        const message = `${where}, ${what}, ${name}: ${own} against ${peer}`;
        if (own === null || peer === null) expect(own, message).to.equal(peer);
        else expect(own, message).to.be.closeTo(peer, 1e-9);
      }
    };
    compare(score, one.figures.all, 'all');
    expect(score.perClass).to.have.lengthOf(one.figures.perClass.length);
    for (const [k, entry] of score.perClass.entries())
      compare(entry, one.figures.perClass[k] ?? {}, `class ${entry.id}`);
  }

  for (const [index, one] of peerCases.parse(readVector('coco-score.json')).cases.entries()) {
    it(`gives the stored figures of pycocotools (case ${index + 1}, ${one.truth.annotations.length} boxes)`, () =>
      expectPeersFigures(one, `stored case ${index + 1}`));
  }

  const seed = Math.floor(Math.random() * 2 ** 31);
  it(`gives the figures of pycocotools on 120 random data sets (seed ${seed})`, async function () {
    const missing = whyNoPython(['numpy', 'pycocotools']);
    if (missing !== null) skipBecause(this, `stored vectors alone, because ${missing}`);
    const { cases } = peerCases.parse(askPython('coco_score.py', 'random', { seed, count: 120 }));
    for (const [index, one] of cases.entries())
      await expectPeersFigures(one, `seed ${seed}, case ${index + 1}`);
  });

  const square = (x: number, side = 10) => [x, 0, side, side];
  const truth = (annotations: readonly object[]) => ({
    images: [{ id: 1 }, { id: 2 }],
    categories: [
      { id: 7, name: 'Nodule' },
      { id: 3, name: 'Mass' },
    ],
    annotations: annotations.map((entry, i) => ({ id: i + 1, image_id: 1, category_id: 7, ...entry })),
  });
  const found = (bbox: readonly number[], score: number, image_id = 1) => ({
    image_id,
    category_id: 7,
    bbox,
    score,
  });
  const nodule = (score: CocoScore) => score.perClass.find(({ name }) => name === 'Nodule') as CocoFigures;

  it('says null where there is nothing to find, and leaves the class out of the mean', async () => {
    const score = await scored(truth([{ bbox: square(0) }]), [found(square(0), 0.9)]);
    expect(score.perClass.map(({ id, name, ap }) => [id, name, ap])).to.deep.equal([
      [3, 'Mass', null],
      [7, 'Nodule', 1],
    ]);
    expect(score.ap).to.equal(1);
    expect((await scored(truth([]), [])).ap).to.equal(null);
  });

  it('takes an annotation with id 0 for one like any other', async () => {
    const score = await scored(truth([{ bbox: square(0), id: 0 }]), [found(square(0), 0.9)]);
    expect(score.ap).to.equal(1);
  });

  it('counts what falls into a crowd region neither for nor against', async () => {
    const crowded = truth([{ bbox: square(0) }, { bbox: [50, 0, 100, 100], iscrowd: 1 }]);
    // Three detections inside the crowd come first; a hit; a miss elsewhere. Without the crowd: 1/4 at best.
    const inCrowd = [60, 70, 80].map((x) => found(square(x), 0.95));
    const score = await scored(crowded, [...inCrowd, found(square(0), 0.9), found(square(200), 0.8)]);
    expect(nodule(score)).to.include({ ap: 1, truths: 1, crowds: 1, predictions: 5 });
  });

  it('ranks equal scores by image, then by their place in the file', async () => {
    // Image 1 has the miss, image 2 the hit: precision ½. The other way round the hit leads.
    const onSecond = truth([{ bbox: square(0), image_id: 2 }]);
    const tied = [found(square(0), 0.5, 2), found(square(50), 0.5, 1)];
    expect(nodule(await scored(onSecond, tied)).ap).to.be.closeTo(0.5, 1e-12);
    const onFirst = truth([{ bbox: square(0), image_id: 1 }]);
    const tiedFirst = [found(square(50), 0.5, 2), found(square(0), 0.5, 1)];
    expect(nodule(await scored(onFirst, tiedFirst)).ap).to.equal(1);
    const sameImage = [found(square(50), 0.5), found(square(0), 0.5)];
    expect(nodule(await scored(onFirst, sameImage)).ap).to.be.closeTo(0.5, 1e-12);
  });

  it('looks at no more detections per image than it may', async () => {
    const one = truth([{ bbox: square(0) }]);
    const results = [found(square(50), 0.9), found(square(0), 0.8)];
    expect(nodule(await scored(one, results, COCO_IOUS, 1)).ap).to.equal(0);
    expect(nodule(await scored(one, results, COCO_IOUS, 2))).to.include({ ar1: 0, ar10: 1, ar100: 1 });
  });

  it('takes single thresholds whether or not they are averaged', async () => {
    // Shifted by 2.5 of 10 the overlap is 7.5 / 12.5 = .6.
    const score = await scored(truth([{ bbox: square(0) }]), [found(square(2.5), 0.9)], [0.6, 0.65]);
    expect(nodule(score)).to.include({ ap: 0.5, ap40: 1, ap50: 1, ap75: 0 });
  });

  it('scores 100,000 predictions', async () => {
    const images = Array.from({ length: 1000 }, (_, i) => ({ id: i + 1 }));
    const annotations = images.map(({ id }) => ({ id, image_id: id, category_id: 1, bbox: square(0) }));
    const predictions = images.flatMap(({ id }) =>
      Array.from({ length: 100 }, (_, i) => ({
        image_id: id,
        category_id: 1,
        bbox: square(i),
        score: i === 0 ? 1 : i / 200,
      })),
    );
    const score = await scored({ images, categories: [{ id: 1, name: 'Nodule' }], annotations }, predictions);
    expect(score.ap).to.equal(1);
    expect(score.perClass[0]).to.include({ truths: 1000, predictions: 100_000, ar1: 1 });
  });
});
