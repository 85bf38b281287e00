import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { runCommandLine } from '@fedoxnet/site-agent/cli/command-line';
import { writeFileAtomic } from '@fedoxnet/site-agent/files/atomic-file';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { decodeBoxes } from '@fedoxnet/site-agent/model/box-codec';
import { freshModel, Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { imageTensor } from '@fedoxnet/site-agent/training/image-tensor';
import { SMALL_MODEL } from '../model/small-model.js';
import { waves } from '../model/numbers.js';

const CLASSES = ['Cardiomegaly', 'Mass', 'Nodule'];
const FILMS = 2;
const STRANGER = fileURLToPath(new URL('stock-tfjs.js', import.meta.url));

interface Output {
  readonly shape: number[];
  readonly values: number[];
}
interface Answer {
  readonly backend: string;
  readonly metadata: { classes: string[]; size: number; anchors: { count: number }; release: string };
  readonly outputs: Readonly<Record<'classScores' | 'boxes' | 'boxDeltas' | 'imageLogits', Output>>;
}

/** Weights as if trained: nothing is zero, scores and boxes differ from anchor to anchor. */
function trainedWeights(plan: ModelPlan): WeightMap {
  const { weights } = freshModel(plan, CLASSES.length);
  let phase = 0;
  for (const { shape, values } of weights.values()) {
    const inputs = shape.slice(0, -1).reduce((product, side) => product * side, 1);
    const noise = waves(values.length, phase++, 0.2 / Math.sqrt(inputs)); // activations keep their size
    values.forEach((value, i) => (values[i] = value + noise[i]!));
  }
  weights.get('classSubnet.output.bias')!.values.fill(-1);
  return weights;
}

/** max |a − b|, in parts of the largest |b| where that is above 1. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).to.equal(b.length);
  let [worst, scale] = [0, 1];
  for (let i = 0; i < a.length; i++) {
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return worst / scale;
}

describe('a model exported for TensorFlow.js', () => {
  let folder: string;
  let server: Server;
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  before(async () => {
    await selectBackend('auto', { threads: 1 });
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-export-'));
    server = createServer((request, response) => {
      readFile(join(folder, request.url ?? '')).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      );
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  after(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  const outcome = async (args: readonly string[]) => {
    let [out, err] = ['', ''];
    const terminal = { out: (t: string) => (out += t), err: (t: string) => (err += t), isTerminal: false };
    const status = await runCommandLine(args, terminal);
    return { status, out, err };
  };
  const write = async (name: string, plan: ModelPlan, weights: WeightMap) => {
    const model = join(folder, `${name}.safetensors`);
    const metadata = { model: JSON.stringify(plan), classes: JSON.stringify(CLASSES), release: '7' };
    await writeFileAtomic(model, encodeSafetensors(weights, metadata));
    return model;
  };
  const askStranger = async (name: string, backend: string, message: unknown): Promise<Answer> => {
    const child = spawn(process.execPath, [STRANGER, `${address()}/${name}/model.json`, backend]);
    child.stdin.end(JSON.stringify(message));
    const said = text(child.stderr);
    const answer = json(child.stdout).catch(() => null);
    const status = await new Promise((resolve) => child.once('close', resolve));
    if (status !== 0) throw new Error(await said);
    return (await answer) as Answer;
  };

  const plans: Readonly<Record<string, ModelPlan>> = {
    'tiny-group': SMALL_MODEL,
    'resnet18-frozen': { ...SMALL_MODEL, backbone: 'resnet18', norm: 'frozen', channels: 3, levels: [2, 6] },
  };
  for (const [name, plan] of Object.entries(plans)) {
    const backend = plan.backbone === 'tiny' ? 'cpu' : 'wasm'; // a ResNet takes the plain backend half a minute
    it(`gives a stranger the same scores, boxes and film logits (${name})`, async () => {
      const weights = trainedWeights(plan);
      const model = await write(name, plan, weights);
      const { status, out, err } = await outcome([
        'export',
        '--model',
        model,
        '--out',
        join(folder, name),
        '--json',
      ]);
      expect(status, err).to.equal(0);
      expect(JSON.parse(out)).to.include({ model, format: 'tfjs', size: plan.size });

      const films = Array.from({ length: FILMS }, (_, film) =>
        Uint8Array.from(waves(plan.size ** 2, film, 127), (value) => Math.round(value + 128)),
      );
      const shape = [FILMS, plan.size, plan.size, 1];
      const answer = await askStranger(name, backend, { shape, films: films.flatMap((film) => [...film]) });

      const grid = anchorGrid(plan);
      expect(answer.backend).to.equal(backend);
      expect(answer.metadata.classes).to.deep.equal(CLASSES);
      expect(answer.metadata.size).to.equal(plan.size);
      expect(answer.metadata.anchors.count).to.equal(grid.count);
      expect(answer.metadata.release).to.equal('7');

      const ours = new Oxnet(plan, CLASSES.length, weights);
      const { classLogits, boxDeltas, imageLogits, ...others } = ours.forward(
        imageTensor(films, plan.size, plan.channels),
      );
      const { classScores, boxes, ...theirs } = answer.outputs;
      const scores = tf.sigmoid(classLogits).dataSync();
      expect(classScores.shape).to.deep.equal([FILMS, grid.count, CLASSES.length]);
      expect(Math.max(...scores) - Math.min(...scores)).to.be.above(0.01); // else any graph would do
      expect(difference(classScores.values, scores)).to.be.below(1e-5);
      expect(theirs.boxDeltas.shape).to.deep.equal(boxDeltas.shape);
      expect(difference(theirs.boxDeltas.values, boxDeltas.dataSync())).to.be.below(1e-5);
      expect(theirs.imageLogits.shape).to.deep.equal(imageLogits.shape);
      expect(difference(theirs.imageLogits.values, imageLogits.dataSync())).to.be.below(1e-5);
      expect(boxes.shape).to.deep.equal([FILMS, grid.count, 4]);
      const deltas = boxDeltas.dataSync() as Float32Array;
      for (let film = 0; film < FILMS; film++) {
        const [from, to] = [film * grid.count * 4, (film + 1) * grid.count * 4];
        const expected = decodeBoxes(grid.boxes, deltas.subarray(from, to), plan.size);
        expect(difference(boxes.values.slice(from, to), expected)).to.be.below(1e-5);
      }
      tf.dispose([classLogits, boxDeltas, imageLogits, ...Object.values<tf.Tensor>(others)]);
      ours.dispose();
    });
  }

  it('leaves an existing folder alone', async () => {
    const model = await write('again', SMALL_MODEL, trainedWeights(SMALL_MODEL));
    const { status, err } = await outcome(['export', '--model', model, '--out', folder]);
    expect(status).to.equal(73);
    expect(err).to.contain('OUTPUT_EXISTS').and.contain(folder);
  });

  it('leaves the process as it was: backend and number of tensors', async () => {
    const model = await write('tidy', SMALL_MODEL, trainedWeights(SMALL_MODEL));
    const before = { backend: tf.getBackend(), tensors: tf.memory().numTensors };
    await outcome(['export', '--model', model, '--out', join(folder, 'tidy')]);
    expect({ backend: tf.getBackend(), tensors: tf.memory().numTensors }).to.deep.equal(before);
  });
});
