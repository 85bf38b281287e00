import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readPolicy, requireStudyAllowed } from '@fedoxnet/site-agent/agent/policy';
import { codeOf, rejection } from './support/rejection.js';
import { scratchFolder } from './support/scratch.js';

describe('site policy', () => {
  const home = scratchFolder();
  const write = (text: string) => writeFile(join(home(), 'policy.json'), text);

  it('without a file allows every study and approves nothing', async () => {
    const policy = await readPolicy(home());
    expect(policy).to.deep.equal({ approve: [] });
    requireStudyAllowed(policy, 'any');
  });

  it('allows the studies it names and no other', async () => {
    await write('{ "studies": ["chest-1"] }');
    const policy = await readPolicy(home());
    requireStudyAllowed(policy, 'chest-1');
    expect(await codeOf((async () => requireStudyAllowed(policy, 'chest-2'))())).to.equal('FORBIDDEN');
  });

  for (const [what, text] of [
    ['not JSON', '{ studies'],
    ['a misspelt field', '{ "study": ["chest-1"] }'],
    ['half a hash', '{ "approve": ["abc"] }'],
  ] as const) {
    it(`allows nothing when the file is ${what}`, async () => {
      await write(text);
      const error = await rejection(readPolicy(home()));
      expect(error.code).to.equal('CONFIG_INVALID');
      expect(error.message).to.include('policy.json');
    });
  }
});
