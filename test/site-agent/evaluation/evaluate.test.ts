import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { evaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { loadFilmSet } from '@fedoxnet/site-agent/data/film-set';
import { evaluate, evaluateOnCatalogue } from '@fedoxnet/site-agent/evaluation/evaluate';
import { readModelFile } from '@fedoxnet/site-agent/evaluation/model-file';
import { freshModel, Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { rejection } from '../../support/rejection.js';
import { SMALL_MODEL } from '../model/small-model.js';

const plan: ModelPlan = { ...SMALL_MODEL, levels: [3, 5], seed: 3 };
const CLASSES = ['Mass', 'Cardiomegaly'];

describe('evaluateOnCatalogue', () => {
  let folder: string;
  let model: string;

  before(async () => {
    await tf.setBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-evaluate-'));
    model = join(folder, 'release.safetensors');
    const { weights } = freshModel(plan, CLASSES.length);
    // A class bias of +1 lets the untrained network fire everywhere: real detections, none of them good.
    const bias = weights.get('classSubnet.output.bias');
    if (bias === undefined) throw new Error('the class subnet has no output bias');
    bias.values.fill(1);
    await writeFile(
      model,
      encodeSafetensors(weights, { model: JSON.stringify(plan), classes: JSON.stringify(CLASSES) }),
    );
    await generatePhantoms({
      out: folder,
      films: 3,
      seed: 'evaluate',
      size: 96,
      supervision: {},
      scanner: 'digital',
      valFraction: 1,
      scoredClasses: ['Cardiomegaly'],
    });
  });
  after(() => rm(folder, { recursive: true }));

  it('scores a model on the classes that the held-out films are read for, and frees its tensors', async () => {
    const before = tf.memory().numTensors;
    const progress: number[] = [];
    const result = await evaluateOnCatalogue(await readModelFile(model), {
      catalogueFolder: folder,
      split: 'val',
      cacheFolder: join(folder, 'cache'),
      batch: 2,
      ious: [0.1, 0.2],
      onProgress: (done) => progress.push(done),
    });
    expect(tf.memory().numTensors).to.equal(before);
    expect(progress).to.deep.equal([2, 3]);
    expect(result.setAside).to.deep.equal([]);
    expect(result.classes.map(({ class: name, films }) => [name, films])).to.deep.equal([
      ['Mass', 0],
      ['Cardiomegaly', 3],
    ]);
    expect(result.metrics.perClass[0]?.ap40).to.equal(null); // nobody read the films for it
    // The phantoms' Cardiomegaly is boxed, so present or absent is known; of Mass nothing is.
    const [mass, heart] = result.auc.perClass;
    expect(mass).to.include({ positives: 0, negatives: 0, global: null, local: null });
    expect((heart?.positives ?? 0) + (heart?.negatives ?? 0)).to.equal(3);
    expect(result.froc.pooled.films).to.equal(3);
    expect(result.froc.perClass.map(({ class: name, films }) => [name, films])).to.deep.equal([
      ['Mass', 0],
      ['Cardiomegaly', 3],
    ]);
    expect(result.chosen?.ious).to.deep.equal([0.1, 0.2]);
    expect(result.chosen?.perClass[0]?.ap).to.equal(null);
    expect(evaluationReport.parse(result.report)).to.deep.equal(result.report);
    for (const { film } of result.records.map(({ id }) => ({ film: id })))
      expect(result.detections.filter((detection) => detection.film === film)).to.have.lengthOf.within(
        1,
        100,
      );
    for (const { x, y, width, height, score } of result.detections) {
      expect(Math.min(x, y)).to.be.at.least(0);
      expect(Math.max(x + width, y + height)).to.be.at.most(96 + 1e-6); // in pixels of the film, not of the model
      expect(score).to.be.within(0.05, 1);
    }
  });

  it('refuses a model whose scores are not numbers, naming the film', async () => {
    const network = new Oxnet(plan, CLASSES.length, freshModel(plan, CLASSES.length).weights);
    const overflowed: Pick<Oxnet, 'plan' | 'forward'> = {
      plan,
      forward: (images) => {
        const outputs = network.forward(images);
        const imageLogits = tf.tidy(() => tf.mul<tf.Tensor2D>(outputs.imageLogits, NaN));
        outputs.imageLogits.dispose();
        return { ...outputs, imageLogits };
      },
    };
    const cacheFolder = join(folder, 'cache');
    const set = await loadFilmSet({
      catalogueFolder: folder,
      split: 'val',
      classes: CLASSES,
      size: plan.size,
      cacheFolder,
    });
    const error = await rejection(evaluate(overflowed as Oxnet, set, { classes: CLASSES }));
    network.dispose();
    expect(error.code).to.equal('MODEL_INVALID');
    expect(error.message).to.contain(set.films[0]?.id);
  });

  it('refuses a model of other classes than the films are read for, naming both', async () => {
    const foreign = join(folder, 'foreign.safetensors');
    const { weights } = freshModel(plan, 1);
    const metadata = { model: JSON.stringify(plan), classes: '["Fracture"]' };
    await writeFile(foreign, encodeSafetensors(weights, metadata));
    const options = { catalogueFolder: folder, split: 'val', cacheFolder: folder } as const;
    const error = await rejection(evaluateOnCatalogue(await readModelFile(foreign), options));
    expect(error.code).to.equal('MODEL_INVALID');
    expect(error.message).to.contain(foreign).and.contain('Fracture').and.contain('Cardiomegaly');
  });

  it('names a model file that is missing, or lacks its plan', async () => {
    expect((await rejection(readModelFile(join(folder, 'none')))).code).to.equal('DATA_MISSING');
    const { weights } = freshModel(plan, 2);
    const bare = join(folder, 'bare.safetensors');
    await writeFile(bare, encodeSafetensors(weights, { model: JSON.stringify(plan) }));
    const error = await rejection(readModelFile(bare));
    expect(error.code).to.equal('MODEL_INVALID');
    expect(error.message).to.contain('"classes"');
  });
});
