import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { consortiumCensus, type ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import type { Catalogue } from '@fedoxnet/site-agent/data/film';
import { call } from '../coordinator/http-call.js';
import { siteDocument } from '../site-agent/cli/support/site-command.js';
import { Federation } from './support/federation.js';
import { modelFile } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';

/** What `census --as-sent --json` prints. */
interface CensusAsSent {
  readonly allowed: boolean;
  readonly studies: readonly { readonly request: unknown; readonly lastSentAt: string | null }[];
}

/** Six boxed films of the plan's first class and four of one patient without a reading. */
function catalogue(name: string): Catalogue {
  const film = (index: number, patient: string, read: boolean): Catalogue['films'][number] => ({
    id: `film-${index}`,
    file: `film-${index}.png`,
    width: 512,
    height: 400,
    patient,
    split: 'train',
    boxes: read ? [{ class: name, x: 1, y: 1, width: 2, height: 2 }] : [],
    readings: read ? { [name]: { supervision: 'box' } } : {},
  });
  const films = Array.from({ length: 10 }, (_, i) => film(i, i < 6 ? `p${i}` : 'p-last', i < 6));
  return { version: 1, source: 'test', classes: [name], films };
}

/** No round is started: the trainer has nothing to do. */
const IDLE = {
  delta: 0,
  masses: { films: 1, positives: 1, classRows: [], globalRows: [], prototypeRows: [] },
};

describe('census, from a site to the people who look', () => {
  const plan = smallPlan();
  let federation: Federation;
  before(async () => {
    federation = await Federation.start();
    const stem = { shape: [3], values: new Float32Array(3) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    await federation.enrol('north', plan);
    await writeFile(
      join(federation.data('north'), 'catalogue.json'),
      JSON.stringify(catalogue(plan.classes[0]!)),
    );
  });
  after(() => federation.close());

  const policy = (census: object | null) =>
    writeFile(
      join(federation.home('north'), 'policy.json'),
      JSON.stringify({ approve: [planHash(plan)], ...(census && { census }) }),
    );
  const shown = async (): Promise<ConsortiumCensus> => {
    const token = federation.coordinator.tokens.viewer;
    return consortiumCensus.parse(
      (await call(federation.address, 'GET', `studies/${plan.study}/census`, { token })).json,
    );
  };
  const until = async (is: (census: ConsortiumCensus) => boolean): Promise<ConsortiumCensus> => {
    for (;;) {
      const census = await shown();
      if (is(census)) return census;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const asSent = async (): Promise<CensusAsSent> => {
    const places = ['--home', federation.home('north'), '--data', federation.data('north')];
    const { status, document } = await siteDocument<CensusAsSent>('census', ...places, '--as-sent');
    expect(status).to.equal(0);
    return document;
  };
  const north = ({ sites }: ConsortiumCensus) => sites.find(({ site }) => site === 'north')?.census ?? null;

  it('stays at the site without a word in its policy', async () => {
    const agent = federation.startAgent('north', IDLE);
    await federation.until(plan.study, (status) =>
      status.sites.some(({ site, approved }) => site === 'north' && approved),
    );
    await agent.stop();
    expect(north(await shown())).to.equal(null);
    const { allowed, studies } = await asSent();
    expect([allowed, studies[0]?.request, studies[0]?.lastSentAt]).to.deep.equal([
      false,
      { census: null },
      null,
    ]);
  });

  it('arrives as the command shows it, and is taken back when the policy changes', async () => {
    await policy({ share: true });
    const agent = federation.startAgent('north', IDLE);
    const told = north(await until((census) => north(census) !== null));
    const { allowed, studies } = await asSent();
    expect(allowed).to.equal(true);
    expect(studies[0]?.request).to.deep.equal({ census: told });
    // Four films of one patient are few: they go, and the other count with them.
    expect(told?.train.films).to.equal(10);
    expect(told?.train.classes[0]).to.include({ boxPresent: null, none: null, imagePresent: 0 });
    await policy(null);
    await until((census) => north(census) === null);
    await agent.stop();
    expect((await asSent()).studies[0]?.lastSentAt).to.equal(null);
  });
});
