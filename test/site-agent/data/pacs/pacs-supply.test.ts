import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { PacsSupply, type SupplyOptions } from '@fedoxnet/site-agent/data/pacs/pacs-supply';
import { workHours } from '@fedoxnet/site-agent/agent/work-hours';
import type { FilmPlace } from '@fedoxnet/site-agent/data/pacs/pacs';
import { FilmNotGiven, pacsUnreachable } from '@fedoxnet/site-agent/data/pacs/pacs-failure';
import { Drawer } from './support/drawer.js';

const FILMS = ['1.1', '1.2', '1.3'].map((instance) => ({ study: '1', series: '1', instance }));

async function* found(): AsyncGenerator<FilmPlace> {
  yield* FILMS;
}

describe('supply of films from a PACS', () => {
  const supply = (pacs: Drawer, options: Partial<SupplyOptions> = {}, search = found()) =>
    new PacsSupply(pacs, search, {
      ...{ signal: new AbortController().signal, filmsPerSecond: null, hours: null, limit: Infinity },
      ...{ attempts: 2, onRetry: () => undefined, now: () => new Date(2026, 0, 15, 12) },
      ...options,
    });
  const drawer = (give?: (instance: string) => Promise<Uint8Array>, echo?: () => Promise<string>) =>
    new Drawer([], {
      ...(give && { give: ({ instance }) => give(instance) }),
      ...(echo && { echo }),
    });
  const text = (taken: Awaited<ReturnType<PacsSupply['take']>>) =>
    'notNow' in taken ? taken.notNow : Buffer.from(taken).toString();
  const takeAll = async (from: PacsSupply) => {
    const all: string[] = [];
    for await (const name of from.names()) all.push(text(await from.take(name)));
    return all;
  };

  it('gives films and counts them', async () => {
    const from = supply(drawer());
    expect(await takeAll(from)).to.deep.equal(['1.1', '1.2', '1.3']);
    expect(from.counts).to.deep.equal({ fetched: 3, bytes: 9 });
    expect(await from.originOf('1.2')).to.deep.equal({
      origin: 'drawer#1.2',
      stamp: 'pacs',
      sopInstance: '1.2',
    });
  });

  it('tries again after a failure that passes', async () => {
    let failures = 1;
    const pacs = drawer((instance) =>
      failures-- > 0
        ? Promise.reject(pacsUnreachable('drawer', 'busy'))
        : Promise.resolve(Buffer.from(instance)),
    );
    expect(await takeAll(supply(pacs))).to.deep.equal(['1.1', '1.2', '1.3']);
    expect(pacs.asked).to.deep.equal(['1.1', '1.1', '1.2', '1.3']);
  });

  it('goes on after a film that the PACS does not give, at once or by breaking off each time', async () => {
    const pacs = drawer((instance) => {
      if (instance === '1.1') return Promise.reject(new FilmNotGiven('status 500'));
      if (instance === '1.2') return Promise.reject(pacsUnreachable('drawer', 'hung up'));
      return Promise.resolve(Buffer.from(instance));
    });
    const from = supply(pacs);
    expect(await takeAll(from)).to.deep.equal([
      'status 500',
      'The PACS at drawer does not answer: hung up',
      '1.3',
    ]);
    expect(pacs.asked).to.deep.equal(['1.1', '1.2', '1.2', 'echo', '1.3']);
    expect(from.failure).to.equal(null);
  });

  it('asks for nothing more once the PACS is gone', async () => {
    const gone = () => Promise.reject(pacsUnreachable('drawer', 'ECONNREFUSED'));
    const pacs = drawer(gone, gone);
    const from = supply(pacs);
    expect(await takeAll(from)).to.deep.equal(Array(3).fill('the PACS no longer answers'));
    expect(pacs.asked).to.deep.equal(['1.1', '1.1', 'echo']);
    expect(from.failure).to.include({ code: 'PACS_UNREACHABLE' });
  });

  it('does not take a refusal of us for one of the film', async () => {
    const refused = new FederationError('PACS_REFUSED', 'Not you.');
    const from = supply(drawer(() => Promise.reject(refused)));
    await takeAll(from);
    expect(from.failure).to.equal(refused);
  });

  it('asks for no more than the limit, nothing outside the hours, and nothing when it is stopped', async () => {
    const beyond = 'beyond the limit of films';
    expect(await takeAll(supply(drawer(), { limit: 2 }))).to.deep.equal(['1.1', '1.2', beyond]);
    const hours = workHours.parse('13:00-14:00'); // it is twelve
    const closed = drawer();
    const closedSupply = supply(closed, { hours });
    expect(await takeAll(closedSupply)).to.deep.equal(['outside the allowed hours']);
    expect(closed.asked).to.deep.equal([]);
    expect(closedSupply.unsearched).to.equal('outside the allowed hours');
    const stopped = supply(drawer(), { signal: AbortSignal.abort() });
    expect(await takeAll(stopped)).to.deep.equal(['the pull was stopped']);
    expect(stopped.unsearched).to.equal('the pull was stopped');
  });

  it('gives the first film while the second is still being looked for', async () => {
    let tellTaken = (): void => undefined;
    const isTaken = new Promise<void>((resolve) => (tellTaken = resolve));
    async function* search(): AsyncGenerator<FilmPlace> {
      yield FILMS[0] as FilmPlace;
      await isTaken;
      yield FILMS[1] as FilmPlace;
    }
    const from = supply(drawer(), {}, search());
    const taken: string[] = [];
    for await (const name of from.names()) {
      taken.push(text(await from.take(name)));
      tellTaken();
    }
    expect(taken).to.deep.equal(['1.1', '1.2']);
  });

  it('gives what was found before the search failed', async () => {
    const failure = pacsUnreachable('drawer', 'ECONNRESET');
    async function* search(): AsyncGenerator<FilmPlace> {
      yield FILMS[0] as FilmPlace;
      throw failure;
    }
    const from = supply(drawer(), {}, search());
    expect(await takeAll(from)).to.deep.equal(['1.1']);
    expect(from.searchFailure).to.equal(failure);
    expect(from.failure).to.equal(null);
  });

  it('lets nobody wait for a turn that will not come', async () => {
    const refused = new FederationError('PACS_REFUSED', 'Not you.');
    const from = supply(
      drawer(() => Promise.reject(refused)),
      { filmsPerSecond: 0.001 }, // a second film would wait a quarter of an hour
    );
    await takeAll(from);
    expect(from.failure).to.equal(refused);
  });

  it('keeps to the rate: after the first film each waits its share of a second', async () => {
    const begun = performance.now();
    const from = supply(drawer(), { filmsPerSecond: 20 });
    expect(await takeAll(from)).to.have.length(3);
    // One film may come at once; two more take 50 ms each, and never less, however busy the machine is.
    expect(performance.now() - begun).to.be.at.least(95);
  });
});
