import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { freshModel } from '@fedoxnet/site-agent/model/oxnet';
import { tinyPlan } from '@fedoxnet/site-agent/training/presets';
import { formulaResnet, type PublishedShapes } from '../pretrained/published-resnet.js';
import { readVector } from '../../shared/python-peer.js';
import { siteDocument } from './support/site-command.js';

const CLASSES = ['Mass', 'Nodule'];

function planOf(backbone: StudyPlan['model']['backbone']): StudyPlan {
  const plan = tinyPlan({
    ...{ study: 'chest', classes: CLASSES, sites: ['a'], rounds: 1, localSteps: 1, size: 64, seed: 5 },
  });
  const norm = backbone === 'tiny' ? 'group' : 'frozen';
  return {
    ...plan,
    model: { ...plan.model, backbone, norm, channels: backbone === 'tiny' ? 1 : 3, levels: [3, 5] },
  };
}

describe('fedoxnet-site init-model', () => {
  let folder: string;
  let resnet: WeightMap;
  const at = (name: string) => join(folder, name);
  const run = (...args: string[]) => siteDocument<Record<string, unknown>>('init-model', ...args);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-init-'));
    await writeFile(at('tiny.json'), JSON.stringify(planOf('tiny')));
    await writeFile(at('resnet.json'), JSON.stringify(planOf('resnet18')));
    const vectors = readVector('resnet-features.json') as {
      readonly networks: { readonly resnet18: { readonly shapes: PublishedShapes } };
    };
    const { shapes } = vectors.networks.resnet18;
    const file = formulaResnet('resnet18', shapes);
    resnet = new Map(Object.keys(shapes).map((name) => [name, file.tensor(name)]));
    await writeFile(at('resnet18.safetensors'), encodeSafetensors(resnet, {}));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('writes the untrained network of the plan, the same each time', async () => {
    const args = ['--plan', at('tiny.json'), '--out'];
    const [first, second] = [await run(...args, at('one')), await run(...args, at('two'))];
    expect(first.status, first.err).to.equal(0);
    const bytes = await readFile(at('one'));
    expect(first.document['digest']).to.equal(digestOf(bytes)).and.to.equal(second.document['digest']);
    const { weights } = decodeSafetensors(bytes);
    expect(weights).to.deep.equal(freshModel(planOf('tiny').model, CLASSES.length).weights);
  });

  it('takes the backbone of a published file, and all else as fresh', async () => {
    const args = ['--plan', at('resnet.json'), '--backbone-weights', at('resnet18.safetensors')];
    const { status, err, document } = await run(...args, '--out', at('model'));
    expect(status, err).to.equal(0);
    const digest = digestOf(await readFile(at('resnet18.safetensors')));
    expect(document['backbone']).to.deep.include({ file: at('resnet18.safetensors'), digest });

    const { weights, metadata } = decodeSafetensors(await readFile(at('model')));
    expect(metadata['backboneStart']).to.equal(`resnet18.safetensors, SHA-256 ${digest}`);
    const fresh = freshModel(planOf('resnet18').model, CLASSES.length).weights;
    for (const [name, { values }] of weights) {
      const isAsFresh = Buffer.from(values.buffer).equals(Buffer.from(fresh.get(name)!.values.buffer));
      expect(isAsFresh, name).to.equal(!name.startsWith('backbone.'));
    }
    // PyTorch keeps [out, in, k, k]; the first kernel of layer1.0.conv1 at k = (0, 1), in 2, out 3.
    const theirs = resnet.get('layer1.0.conv1.weight')!.values[((3 * 64 + 2) * 3 + 0) * 3 + 1];
    const ours = weights.get('backbone.stage1.block1.conv1.kernel')!.values[((0 * 3 + 1) * 64 + 2) * 64 + 3];
    expect(ours).to.equal(theirs);
  });

  it('refuses a file that is not the plan’s network, names what is wrong and writes nothing', async () => {
    const short = new Map([...resnet].filter(([name]) => name !== 'layer2.0.conv1.weight'));
    await writeFile(at('short.safetensors'), encodeSafetensors(short, {}));
    const before = await readdir(folder);
    for (const [plan, file, code, named] of [
      ['resnet.json', 'short.safetensors', 'WEIGHTS_INVALID', 'layer2.0.conv1.weight'],
      ['resnet.json', 'tiny.json', 'WEIGHTS_INVALID', 'tiny.json'],
      ['resnet.json', 'nowhere', 'DATA_MISSING', 'nowhere'],
      ['tiny.json', 'resnet18.safetensors', 'PLAN_INVALID', 'tiny'],
    ] as const) {
      const refused = await run('--plan', at(plan), '--backbone-weights', at(file), '--out', at('never'));
      const { error } = refused.document as { error: { code: string; message: string } };
      expect(refused.status).to.not.equal(0);
      expect(error.code, error.message).to.equal(code);
      expect(error.message).to.contain(named);
    }
    expect(await readdir(folder)).to.deep.equal(before);
  });
});
