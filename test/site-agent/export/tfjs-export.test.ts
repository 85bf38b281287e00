import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
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
import { writeFileAtomic } from '@fedoxnet/site-agent/files/atomic-file';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { launchChromium, whyNoChromium } from '../../browser/support/chromium.js';
import { skipBecause } from '../../support/skip-because.js';
import { siteCommand } from '../cli/support/site-command.js';
import { SMALL_MODEL } from '../model/small-model.js';
import { expectOurOutputs, filmsMessage, trainedWeights, wavyFilms, type Answer } from './exported-model.js';

const CLASSES = ['Cardiomegaly', 'Mass', 'Nodule'];
const STRANGER = fileURLToPath(new URL('stock-tfjs.js', import.meta.url));
/** The published bundle for browsers, all of TensorFlow.js in one file. */
const BUNDLE = createRequire(import.meta.url).resolve('@tensorflow/tfjs/dist/tf.min.js');

describe('a model exported for TensorFlow.js', () => {
  let folder: string;
  let server: Server;
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  before(async () => {
    await selectBackend('auto', { threads: 1 });
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-export-'));
    server = createServer(({ url = '/' }, response) => {
      response.setHeader('content-type', url === '/' ? 'text/html' : 'application/octet-stream');
      if (url === '/') response.end('<!doctype html><script src="/tf.min.js"></script>');
      else
        readFile(url === '/tf.min.js' ? BUNDLE : join(folder, url)).then(
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

  const outcome = (...args: readonly string[]) => siteCommand('export', ...args);
  const write = async (name: string, plan: ModelPlan, weights: WeightMap) => {
    const model = join(folder, `${name}.safetensors`);
    const metadata = { model: JSON.stringify(plan), classes: JSON.stringify(CLASSES), release: '7' };
    await writeFileAtomic(model, encodeSafetensors(weights, metadata));
    return model;
  };
  /** Writes, exports. */
  const exported = async (name: string, plan: ModelPlan) => {
    const weights = trainedWeights(plan, CLASSES.length);
    const model = await write(name, plan, weights);
    const { status, out, err } = await outcome('--model', model, '--out', join(folder, name), '--json');
    expect(status, err).to.equal(0);
    expect(JSON.parse(out)).to.include({ model, format: 'tfjs', size: plan.size });
    return { plan, weights, classCount: CLASSES.length };
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
    it(`gives a stranger the same scores, boxes and film logits (${name}, ${backend})`, async () => {
      const model = await exported(name, plan);
      const films = wavyFilms(2, plan.size);
      const answer = await askStranger(name, backend, filmsMessage(films, plan.size));
      expect(answer.backend).to.equal(backend);
      expect(answer.metadata).to.deep.include({ classes: CLASSES, size: plan.size, release: '7' });
      expect(answer.metadata.anchors.count).to.equal(anchorGrid(plan).count);
      expectOurOutputs(answer.outputs, films, model);
    });
  }

  it('gives the same in a browser, for one film', async function () {
    const reason = whyNoChromium();
    if (reason !== null) skipBecause(this, reason);
    const model = await exported('browser', SMALL_MODEL);
    const films = wavyFilms(1, SMALL_MODEL.size);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(address());
      // Text, because what runs there has another `tf` than this file.
      const outputs = (await page.evaluate(`(async ({ shape, films }) => {
        await tf.setBackend('cpu');
        const model = await tf.loadGraphModel('/browser/model.json');
        const outputs = model.predict(tf.tensor4d(films, shape));
        const plain = ([name, t]) => [name, { shape: t.shape, values: Array.from(t.dataSync()) }];
        return Object.fromEntries(Object.entries(outputs).map(plain));
      })(${JSON.stringify(filmsMessage(films, SMALL_MODEL.size))})`)) as Answer['outputs'];
      expectOurOutputs(outputs, films, model);
    } finally {
      await browser.close();
    }
  });

  it('leaves an existing folder alone', async () => {
    const model = await write('again', SMALL_MODEL, trainedWeights(SMALL_MODEL, CLASSES.length));
    const { status, err } = await outcome('--model', model, '--out', folder);
    expect(status).to.equal(73);
    expect(err).to.contain('OUTPUT_EXISTS').and.contain(folder);
  });

  it('leaves the process as it was: backend and number of tensors', async () => {
    const model = await write('tidy', SMALL_MODEL, trainedWeights(SMALL_MODEL, CLASSES.length));
    const before = { backend: tf.getBackend(), tensors: tf.memory().numTensors };
    await outcome('--model', model, '--out', join(folder, 'tidy'));
    expect({ backend: tf.getBackend(), tensors: tf.memory().numTensors }).to.deep.equal(before);
  });
});
