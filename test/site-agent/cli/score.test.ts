import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ERRORS } from '@fedoxnet/shared/errors';
import { scratchFolder } from '../agent/support/scratch.js';
import { siteCommand } from './support/site-command.js';

describe('fedoxnet-site score', () => {
  const folder = scratchFolder();
  const at = (name: string) => join(folder(), name);
  const score = (...args: string[]) =>
    siteCommand('score', '--truth', at('truth.json'), '--predictions', at('results.json'), ...args);

  // One nodule, found at an overlap of 7.5 / 12.5 = .6 behind a false alarm; no mass.
  beforeEach(async () => {
    const truth = {
      images: [{ id: 1 }],
      categories: [
        { id: 1, name: 'Nodule' },
        { id: 2, name: 'Mass' },
      ],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 10, 10], area: 100, iscrowd: 0 }],
    };
    const found = (x: number, confidence: number) => ({
      image_id: 1,
      category_id: 1,
      bbox: [x, 0, 10, 10],
      score: confidence,
    });
    await writeFile(at('truth.json'), JSON.stringify(truth));
    await writeFile(at('results.json'), JSON.stringify([found(2.5, 0.5), found(50, 0.9)]));
  });

  it('prints the figures as one JSON document', async () => {
    const { status, out, err } = await score('--json');
    expect([status, err]).to.deep.equal([0, '']);
    const document = JSON.parse(out) as Record<string, unknown> & { perClass: Record<string, unknown>[] };
    // Precision ½ at the thresholds .5, .55 and .6 of ten.
    expect(document['ap']).to.be.closeTo(0.15, 1e-12);
    expect(document).to.include({ ap40: 0.5, ap50: 0.5, ap75: 0, ar1: 0, ar10: 0.3, ar100: 0.3, images: 1 });
    expect(document['ious']).to.deep.equal([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]);
    expect(document.perClass).to.have.lengthOf(2);
    expect(document.perClass[0]).to.include({ id: 1, name: 'Nodule', truths: 1, predictions: 2, ap50: 0.5 });
    expect(document.perClass[1]).to.include({ id: 2, name: 'Mass', truths: 0, predictions: 0, ap: null });
  });

  it('takes thresholds and a limit', async () => {
    const document = JSON.parse(
      (await score('--json', '--iou', '.4:.6:.1', '--max-detections', '1')).out,
    ) as Record<string, unknown>;
    expect(document).to.include({ ap: 0, maxDetections: 1 }); // the false alarm is the one that counts
    expect(document['ious']).to.deep.equal([0.4, 0.5, 0.6]);
    const { status, err } = await score('--iou', '0.9:0.5:0.1');
    expect(status).to.equal(ERRORS.USAGE.exit);
    expect(err).to.include('FROM:TO:STEP');
  });

  it('prints a table for people', async () => {
    const { out } = await score();
    expect(out).to.match(/Nodule +0\.150 +0\.500 +0\.500 +0\.000 +0\.300 +1 +2/);
    expect(out).to.match(/Mass +– +– +– +– +– +0 +0/);
    expect(out).to.include('IoU 0.50 to 0.95');
  });

  it('refuses a wrong file in one line that names file and entry', async () => {
    await writeFile(at('results.json'), '[{"image_id":9,"category_id":1,"bbox":[0,0,1,1],"score":1}]');
    const { status, out, err } = await score();
    expect(status).to.equal(ERRORS.DATA_INVALID.exit);
    expect(out).to.equal('');
    expect(err.split('\n')).to.have.length(2);
    expect(err).to.include('results.json: entry 1 names image 9');
  });
});
