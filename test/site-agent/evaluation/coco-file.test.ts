import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ErrorCode } from '@fedoxnet/shared/errors';
import { readCocoResults, readCocoTruth } from '@fedoxnet/site-agent/evaluation/coco-file';
import { rejection } from '../../support/rejection.js';

const annotation = { id: 1, image_id: 2, category_id: 7, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0 };
const truth = {
  images: [{ id: 10 }, { id: 2 }],
  categories: [
    { id: 7, name: 'Nodule' },
    { id: 3, name: 'Mass' },
  ],
  annotations: [annotation],
};
const result = { image_id: 2, category_id: 7, bbox: [1, 2, 3, 4], score: 0.5 };

describe('COCO files that are read', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'fedoxnet-coco-'))));
  after(() => rm(folder, { recursive: true }));
  const write = async (name: string, content: unknown): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const readTruth = async (content: unknown) => readCocoTruth(await write('truth.json', content));
  const readResults = async (content: unknown) =>
    readCocoResults(await write('results.json', content), await readTruth(truth));
  async function refused(promise: Promise<unknown>, code: ErrorCode, ...texts: string[]): Promise<void> {
    const error = await rejection(promise);
    expect(error.code).to.equal(code);
    for (const text of texts) expect(error.message).to.contain(text);
    expect(error.message).to.not.contain('\n');
  }

  it('order images and categories by id and keep boxes in the order of the file', async () => {
    const read = await readTruth({
      ...truth,
      annotations: [annotation, { ...annotation, id: 2, bbox: [5, 5, 5, 5], iscrowd: 1 }],
    });
    expect(read.images).to.deep.equal([2, 10]);
    expect(read.categories.map(({ name }) => name)).to.deep.equal(['Mass', 'Nodule']);
    expect(read.boxes.get(7)?.get(2)).to.deep.equal([
      { x: 1, y: 2, width: 3, height: 4, area: 12, crowd: false },
      { x: 5, y: 5, width: 5, height: 5, area: 12, crowd: true },
    ]);
    const results = await readResults([result, { ...result, score: 0.75 }]);
    expect(
      results
        .get(7)
        ?.get(2)
        ?.map(({ score }) => score),
    ).to.deep.equal([0.5, 0.75]);
  });

  it('may name images by text, as DICOM identifiers do', async () => {
    const named = {
      ...truth,
      images: [{ id: '1.2.840' }],
      annotations: [{ ...annotation, image_id: '1.2.840' }],
    };
    expect((await readTruth(named)).boxes.get(7)?.has('1.2.840')).to.equal(true);
  });

  it('are missed by their path', async () => {
    await refused(readCocoTruth(join(folder, 'none.json')), 'DATA_MISSING', 'none.json');
    const truthSet = await readTruth(truth);
    await refused(readCocoResults(join(folder, 'none.json'), truthSet), 'DATA_MISSING', 'none.json');
  });

  const badTruths: [string, unknown, string][] = [
    ['no JSON', '{"images": [', 'is not JSON'],
    ['a results file in its place', [result], 'expected object'],
    ['no images', { ...truth, images: undefined }, 'images'],
    ['an image without id', { ...truth, images: [{}] }, 'images.0.id'],
    ['a category without name', { ...truth, categories: [{ id: 7 }] }, 'categories.0.name'],
    [
      'three numbers for a box',
      { ...truth, annotations: [{ ...annotation, bbox: [1, 2, 3] }] },
      'annotations.0.bbox',
    ],
    [
      'a negative width',
      { ...truth, annotations: [{ ...annotation, bbox: [1, 2, -3, 4] }] },
      'annotations.0.bbox.2',
    ],
    ['a crowd of 2', { ...truth, annotations: [{ ...annotation, iscrowd: 2 }] }, 'annotations.0.iscrowd'],
    [
      'an area that is text',
      { ...truth, annotations: [{ ...annotation, area: '12' }] },
      'annotations.0.area',
    ],
    [
      'an unknown image',
      { ...truth, annotations: [{ ...annotation, image_id: 5 }] },
      'annotations.0 names image 5',
    ],
    [
      'an unknown category',
      { ...truth, annotations: [{ ...annotation, category_id: 5 }] },
      'annotations.0 names category 5',
    ],
    ['an image twice', { ...truth, images: [{ id: 2 }, { id: 2 }] }, 'images.1 has the id 2 again'],
    [
      'an annotation twice',
      { ...truth, annotations: [annotation, annotation] },
      'annotations.1 has the id 1 again',
    ],
  ];
  for (const [what, content, text] of badTruths) {
    it(`are refused as truth with ${what}`, () =>
      refused(readTruth(content), 'DATA_INVALID', 'truth.json', text));
  }

  const badResults: [string, unknown, string][] = [
    ['a whole data set in its place', truth, 'is not a JSON array'],
    ['an entry that is no object', [result, 5], 'entry 2'],
    ['no score', [result, { ...result, score: undefined }], 'entry 2: score'],
    ['no box, as for masks', [{ image_id: 2, category_id: 7, score: 1, segmentation: {} }], 'entry 1: bbox'],
    [
      'a score that is not a number',
      '[{"image_id":2,"category_id":7,"bbox":[1,2,3,4],"score":NaN}]',
      'is not JSON in entry 1',
    ],
    [
      'a number that is not finite',
      '[{"image_id":2,"category_id":7,"bbox":[1,2,3,4],"score":1e999}]',
      'entry 1: score',
    ],
    ['a negative height', [{ ...result, bbox: [1, 2, 3, -4] }], 'entry 1: bbox.3'],
    ['an unknown image', [result, { ...result, image_id: '2' }], 'entry 2 names image "2"'],
    ['an unknown category', [{ ...result, category_id: 1 }], 'entry 1 names category 1'],
  ];
  for (const [what, content, text] of badResults) {
    it(`are refused as results with ${what}`, () =>
      refused(readResults(content), 'DATA_INVALID', 'results.json', text));
  }
});
