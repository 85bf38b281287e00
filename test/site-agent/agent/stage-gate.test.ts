import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Catalogue, FilmRecord } from '@fedoxnet/site-agent/data/film';
import { scoresSuppressedBelow, sitePolicy } from '@fedoxnet/site-agent/agent/policy';
import { requireStage } from '@fedoxnet/site-agent/agent/stage-gate';
import { smallPlan } from '../../e2e/support/small-plan.js';
import { rejection } from './support/rejection.js';
import { scratchFolder } from './support/scratch.js';

const film = (id: string, change: Partial<FilmRecord>): FilmRecord => ({
  ...{ id, file: `${id}.png`, width: 9, height: 9, patient: id, split: 'train', boxes: [], readings: {} },
  ...change,
});

describe('the stage of a plan, at a site', () => {
  const scratch = scratchFolder();
  beforeEach(async () => {
    const catalogue: Catalogue = {
      version: 1,
      source: 'test',
      classes: ['Mass', 'Edema'],
      films: [
        film('labelled', { readings: { Mass: { supervision: 'image', present: 1 } } }),
        // Boxed, but for a class that the plan does not have; and boxed, but held out.
        film('other', { readings: { Edema: { supervision: 'box' } } }),
        film('held-out', { readings: { Mass: { supervision: 'box' } }, split: 'val' }),
      ],
    };
    await writeFile(join(scratch(), 'catalogue.json'), JSON.stringify(catalogue));
  });

  const { training } = smallPlan();
  const plan = smallPlan({
    training: {
      ...training,
      stages: [
        { fromRound: 1, films: ['box'] },
        { fromRound: 2, films: ['box', 'image'] },
      ],
    },
  });

  it('makes it wait while none of its training films teach the plan’s classes', async () => {
    const refused = await rejection(requireStage(plan, 1, scratch()));
    expect(refused.code).to.equal('STAGE_NOT_REACHED');
    expect(refused.message).to.contain('it waits for round 2');
  });

  it('lets it train when they do, and where the plan has no stages', async () => {
    await requireStage(plan, 2, scratch());
    await requireStage(smallPlan(), 1, join(scratch(), 'nowhere'));
  });
});

describe('the site’s word on small counts', () => {
  it('is the plan’s, five when it says nothing, or the stricter one of the policy', () => {
    const of = (plan: number | undefined, policy?: number) => {
      const evaluation = { ious: [0.4], ...(plan === undefined ? {} : { suppressBelow: plan }) };
      const census = policy === undefined ? {} : { census: { share: false, suppressBelow: policy } };
      return scoresSuppressedBelow(sitePolicy.parse(census), { evaluation });
    };
    expect([of(undefined), of(1), of(3, 10), of(10, 3)]).to.deep.equal([5, 1, 10, 10]);
  });
});
