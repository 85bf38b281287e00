import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { freshModel } from '@fedoxnet/site-agent/model/oxnet';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { scratchFolder } from '../agent/support/scratch.js';
import { SMALL_MODEL } from '../model/small-model.js';

const PROGRAM = fileURLToPath(new URL('../../../../site-agent/bin/fedoxnet-site.mjs', import.meta.url));
const CLASSES = ['Cardiomegaly', 'Mass'];

describe('fedoxnet-site evaluate', () => {
  const folder = scratchFolder();

  it('reports precision, FROC and AUC, draws the curves, and its files can be scored again', async () => {
    const at = (name: string) => join(folder(), name);
    const plan: ModelPlan = { ...SMALL_MODEL, levels: [3, 5], seed: 3 };
    const { weights } = freshModel(plan, CLASSES.length);
    weights.get('classSubnet.output.bias')?.values.fill(1); // fires everywhere, so there are detections
    const metadata = { model: JSON.stringify(plan), classes: JSON.stringify(CLASSES) };
    await writeFile(at('model'), encodeSafetensors(weights, metadata));
    await generatePhantoms({
      out: folder(),
      films: 4,
      seed: 'evaluate',
      size: 96,
      supervision: {},
      scanner: 'digital',
      valFraction: 1,
      scoredClasses: ['Cardiomegaly'],
    });
    // A process of its own: a backend stays with its process.
    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args, '--json'], {
        encoding: 'utf8',
      });
      expect(status, stderr).to.equal(0);
      return JSON.parse(stdout) as Record<string, unknown> & { perClass: Record<string, unknown>[] };
    };
    const document = run(
      'evaluate',
      ...['--model', at('model'), '--data', folder(), '--backend', 'wasm'],
      ...['--iou', '0.1', '--out', at('out'), '--curves', at('froc.png')],
    );
    expect(document).to.have.keys(
      ...['model', 'data', 'split', 'norms', 'backend', 'films', 'metrics'],
      ...['byIou', 'chosen', 'froc', 'auc', 'setAside'],
    );
    expect(document['chosen']).to.have.nested.property('ious').that.deep.equals([0.1]);
    expect(document['froc']).to.have.nested.property('falsePositivesPerFilm').with.lengthOf(7);
    expect(document['froc']).to.have.nested.property('pooled.films', 4);
    expect(document['auc']).to.have.nested.property('perClass[1].class', 'Mass');
    expect((await readFile(at('froc.png'))).subarray(1, 4).toString()).to.equal('PNG');
    const again = run(
      'score',
      ...['--truth', at('out/truth.json'), '--predictions', at('out/detections.json'), '--iou', '0.1'],
    );
    // Cardiomegaly is read on all films, so both count the same boxes.
    expect(again.perClass[0]?.['ap']).to.equal(
      (document['chosen'] as { perClass: { ap: number }[] }).perClass[0]?.ap,
    );
  });
});
