import { expect } from 'chai';
import { isConsortiumCensus } from '@fedoxnet/coordinator/dashboard/view/census-guard';
import {
  censusClassRows,
  censusSiteRows,
  silentSites,
} from '@fedoxnet/coordinator/dashboard/view/census-rows';
import { consortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import { consortium } from '../../browser/support/consortium.js';
import { mutants } from './mutants.js';

describe('dashboard census', () => {
  const census = consortium();
  const row = (name: string) => censusClassRows(census, 'train').find((entry) => entry.class === name)?.cells;

  it('says of each class and site what is present and absent, by supervision', () => {
    expect(row('Cardiomegaly')).to.deep.equal([
      { lines: ['Boxes: 60 with, 140 without'], notes: [] },
      { lines: ['–'], notes: [] },
      { lines: ['Image labels: 30 with, 970 without'], notes: [] },
      { lines: ['–'], notes: [] },
    ]);
    expect(row('Effusion')?.[0]).to.deep.equal({ lines: ['Unknown: 200'], notes: ['not in its label map'] });
    expect(row('Nodule')?.[0], '3 films are few').to.deep.equal({
      lines: ['Boxes: < with, < without'],
      notes: [],
    });
    expect(row('Nodule')?.[2]).to.deep.equal({ lines: ['Unknown: 1,000'], notes: ['not in its label map'] });
  });

  it('lists the films of each site by what is known of them', () => {
    const [north, south, west] = censusSiteRows(census, 'train');
    expect(north).to.deep.equal({
      site: 'north',
      films: '200',
      tables: [
        ['PA: 100', 'AP: 100'],
        ['F: 50', 'M: 150'],
        ['40-59: 200'],
        ['513-1024: 200'],
        ['96-127: 200'],
      ],
    });
    expect(south?.tables).to.deep.equal([['–'], ['–'], ['–'], ['–'], ['–']]);
    expect(west?.tables[3]).to.deep.equal(['2049-3072: 1,000']);
    expect(censusSiteRows(census, 'val')[0]?.films).to.equal('30');
  });

  it('names the sites that told nothing', () => {
    expect(silentSites(census)).to.contain('No census from south, east');
    const none = { ...census, sites: census.sites.map((site) => ({ ...site, census: null })) };
    expect(silentSites(none)).to.contain('No site has shared a census.');
    const all = { ...census, sites: census.sites.filter((site) => site.census !== null) };
    expect(silentSites(all)).to.equal(null);
  });

  it('takes what the protocol takes', () => {
    expect(consortiumCensus.safeParse(census).success).to.equal(true);
    expect(isConsortiumCensus(census)).to.equal(true);
    for (const wrong of [undefined, null, true, {}]) {
      for (const document of mutants(census, wrong)) {
        // The guard does not add up rows or count columns: it may take more, never less.
        if (consortiumCensus.safeParse(document).success) expect(isConsortiumCensus(document)).to.equal(true);
        else if (wrong !== null)
          expect(isConsortiumCensus(document), JSON.stringify(document)).to.equal(false);
      }
    }
  });
});
