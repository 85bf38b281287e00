import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ERRORS, FederationError, type ErrorCode, type ErrorEntry } from '@fedoxnet/shared/errors';

const text = readFileSync(new URL('../../../shared/ERRORS.md', import.meta.url), 'utf8');
/** By code: the section's text, white space made even. */
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...lines] = section.split('\n');
      return [code, lines.join(' ').replace(/\s+/g, ' ').trim()] as const;
    }),
);

describe('ERRORS.md', () => {
  it('has a section for each code of the table and no other, in its order', () => {
    expect([...sections.keys()]).to.deep.equal(Object.keys(ERRORS));
  });

  for (const [code, { http, exit, retry, help }] of Object.entries<ErrorEntry>(ERRORS)) {
    it(`says of ${code} what the table says, what it means, who sees it and what to do`, () => {
      const section = sections.get(code) ?? '';
      const may = retry ? 'a retry may help' : 'a retry does not help';
      expect(
        section.startsWith(`HTTP ${http} · exit status ${exit} · ${may} - **Means.** `),
        section,
      ).to.equal(true);
      expect(section).to.match(
        /\*\*Means\.\*\* [A-Z"`].{20,}\. - \*\*Seen by\.\*\* [A-Z].{5,}\. - \*\*Do\.\*\* /,
      );
      expect(section).to.contain(`**Do.** ${help}`);
    });
  }

  it('is where commands send people', () => {
    const code: ErrorCode = 'ROUND_CLOSED';
    const { page, lastLine } = new FederationError(code, 'Round 3 is closed.');
    expect(page).to.equal('shared/ERRORS.md#round_closed');
    expect(lastLine).to.match(
      /^ROUND_CLOSED: Round 3 is closed\. .*\. More: shared\/ERRORS\.md#round_closed$/,
    );
  });

  it('links to what exists', () => {
    const links = [...text.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)];
    for (const [, file = '', anchor] of links) {
      const target = readFileSync(new URL(`../../../shared/${file || 'ERRORS.md'}`, import.meta.url), 'utf8');
      if (anchor === undefined) continue;
      const anchors = [...target.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
      expect(anchors, `${file}#${anchor}`).to.include(anchor);
    }
  });
});
