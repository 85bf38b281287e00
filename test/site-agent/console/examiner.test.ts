import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { ExaminerProcess } from '@fedoxnet/site-agent/console/examiner/examiner-process';
import { networksHere } from '@fedoxnet/site-agent/console/examiner/networks-here';
import { SeenBoxes } from '@fedoxnet/site-agent/console/films/seen-boxes';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { SiteHome, CLASSES } from '../../browser/support/site-home.js';
import { smallPlan } from '../../e2e/support/small-plan.js';

const plan = smallPlan({ study: 'chest-1', classes: CLASSES });

describe('what model and teacher see', function () {
  let site: SiteHome;
  let examiner: ExaminerProcess;
  before(async () => {
    site = await SiteHome.make(12, 128);
    examiner = new ExaminerProcess();
  });
  after(async () => {
    examiner.close();
    await site.remove();
  });

  it('is nothing before a release came, and says why', async () => {
    const seen = new SeenBoxes(site.home, site.data, examiner);
    const reply = await seen.look(site.catalogue.films[0]!, () => true);
    expect(reply?.model)
      .to.deep.include({ boxes: null })
      .and.to.have.property('why')
      .that.contains('No release');
    expect(await networksHere(site.home)).to.equal(null);
  });

  it('comes from the release, and from the teacher in the checkpoint of the last round', async () => {
    const { weights, metadata } = await initialModel(plan);
    const bias = weights.get('classSubnet.output.bias')!.values;
    // With a bias of 0 an untrained network scores every anchor about 1/2, with −1 about 1 / (1 + e) = 0.27.
    bias.fill(0);
    await site.addReleaseFile('chest-1', encodeSafetensors(weights, metadata));
    bias.fill(-1);
    // All tensors but the prototypes are trained, in the order of the file.
    const trainable = [...weights].flatMap(([name, { values }]) => (name === 'prototypes' ? [] : [values]));
    const length = trainable.reduce((sum, values) => sum + values.length, 0);
    const teacher = new Float32Array(length);
    let offset = 0;
    for (const values of trainable) {
      teacher.set(values, offset);
      offset += values.length;
    }
    const pseudo = { kept: 0, dropped: 0 };
    const record = { key: 'k', step: 7, optimizerSteps: 7, evidence: [], losses: [], pseudo };
    const checkpoint = encodeSafetensors(new Map([['teacher', { shape: [length], values: teacher }]]), {
      checkpoint: JSON.stringify(record),
    });
    const folder = join(site.home, 'work', 'chest-1');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'last-round.checkpoint'), checkpoint);
    expect(metadata['classes']).to.equal(JSON.stringify(CLASSES));

    const seen = new SeenBoxes(site.home, site.data, examiner);
    const film = site.catalogue.films[1]!;
    const reply = await seen.look(film, () => true);
    expect(reply?.model).to.have.property('who', 'release 3 of chest-1');
    expect(reply?.teacher).to.have.property('who', 'after 7 local steps');
    const best = (boxes: readonly { score: number }[] | null = []) =>
      Math.max(...(boxes ?? []).map(({ score }) => score));
    expect(best(reply?.model.boxes)).to.be.closeTo(0.5, 0.1);
    expect(best(reply?.teacher.boxes)).to.be.closeTo(0.27, 0.1);
    expect(seen.of(film)).to.equal(reply?.model.boxes);
  }).timeout(60_000);

  it('is not asked for a film that nobody waits for any more', async () => {
    const seen = new SeenBoxes(site.home, site.data, examiner);
    expect(await seen.look(site.catalogue.films[2]!, () => false)).to.equal(null);
  });

  it('looks with the newer release when an agent takes the older one away', async () => {
    const folder = join(site.home, 'work', 'chest-1');
    const { weights, metadata } = await initialModel(plan);
    const next = join(folder, `release-4-${'cd'.repeat(8)}.safetensors`);
    const seen = new SeenBoxes(site.home, site.data, examiner);
    // The turn comes when the release that was the latest a moment ago is gone.
    const reply = await seen.look(site.catalogue.films[3]!, () => {
      rmSync(join(folder, `release-3-${'ab'.repeat(8)}.safetensors`), { force: true });
      writeFileSync(next, encodeSafetensors(weights, metadata));
      return true;
    });
    expect(reply?.model).to.have.property('who', 'release 4 of chest-1');
    rmSync(next);
  });

  it('names what is wrong with a release that is none', async () => {
    await site.addReleaseFile('chest-1', new Uint8Array(20));
    const seen = new SeenBoxes(site.home, site.data, examiner);
    const reply = await seen.look(site.catalogue.films[2]!, () => true);
    expect(reply?.model).to.have.property('why').that.contains('cannot be used');
  });
});
