import { expect } from 'chai';
import { dateOf, dayOf, daysBetween, parseDate } from '@fedoxnet/site-agent/data/pacs/dicom-date';

describe('dates of DICOM', () => {
  it('are days, over leap years and ends of months', () => {
    expect(dayOf('19700101')).to.equal(0);
    expect(daysBetween('20240228', '20240301')).to.equal(2);
    expect(daysBetween('20230228', '20230301')).to.equal(1);
    expect(dateOf(dayOf('20231231') + 1)).to.equal('20240101');
  });

  it('are taken only when there is such a day', () => {
    expect(parseDate('2024-02-29')).to.equal('20240229');
    expect(parseDate('20240229')).to.equal('20240229');
    for (const text of ['2023-02-29', '2024-13-01', '2024-00-10', '24-01-01', '2024-1-1', ''])
      expect(parseDate(text), text).to.equal(null);
  });
});
