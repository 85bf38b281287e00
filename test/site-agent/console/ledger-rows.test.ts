import { expect } from 'chai';
import { ledgerTotal } from '@fedoxnet/site-agent/console/view/ledger-rows';

describe('total of the ledger', () => {
  const nothing = { items: 0, bytes: 0, reports: { items: 0, bytes: 0 } };

  it('says what left the site, and apart from it what stayed within the hospital', () => {
    expect(ledgerTotal(nothing)).to.equal('Nothing left this site on that day.');
    expect(ledgerTotal({ ...nothing, items: 3, bytes: 2_500_000 })).to.equal('2.50 MB in 3 messages.');
    const reports = { items: 2, bytes: 7000 };
    expect(ledgerTotal({ ...nothing, reports })).to.match(
      /^Nothing left this site on that day\. 2 findings reports \(7(\.0+)? kB\) went to systems of the hospital\.$/,
    );
  });
});
