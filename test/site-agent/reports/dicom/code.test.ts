import { expect } from 'chai';
import {
  CODES,
  findingCode,
  MODALITY_CODES,
  STANDARD_FINDINGS,
  type Code,
} from '@fedoxnet/site-agent/reports/dicom/code';
import { skipBecause } from '../../../support/skip-because.js';
import { askPython, whyNoPython } from '../../../shared/python-peer.js';

describe('codes of reports', () => {
  it('have the meanings that PS3.16 gives them, as pydicom has it', function () {
    const missing = whyNoPython(['pydicom']);
    if (missing !== null) skipBecause(this, missing);
    const tables: Record<string, Code>[] = [CODES, MODALITY_CODES, STANDARD_FINDINGS];
    const codes = tables
      .flatMap((table) => Object.values(table))
      // A language, and one concept that TID 1500 takes from UMLS: neither is in a context group.
      .filter(({ scheme }) => scheme !== 'RFC5646' && scheme !== 'UMLS');
    expect(codes.length).to.be.above(35);
    const pairs = codes.map(({ scheme, value }) => [scheme, value]);
    const meanings = askPython('report_peer.py', 'meanings', { codes: pairs }) as string[][];
    for (const [index, { scheme, value, meaning }] of codes.entries())
      expect(meanings[index], `${scheme} ${value}`).to.include(meaning);
  });

  it('of classes are found whatever the case, the site has the last word, and the rest is private', () => {
    expect(findingCode('PNEUMOTHORAX')).to.include({ value: '36118008', scheme: 'SCT' });
    expect(findingCode('Atelectasis')).to.include({ value: '46621007', scheme: 'SCT' });
    const own = { value: 'X-1', scheme: '99CLINIC', meaning: 'Collapse' };
    expect(findingCode('Atelectasis', { Atelectasis: own })).to.equal(own);
    expect(findingCode('Rib notching')).to.deep.equal({
      ...{ value: 'RIB_NOTCHING', scheme: '99FEDOXNET', meaning: 'Rib notching' },
    });
  });
});
