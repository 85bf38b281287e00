import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readPolicy } from '@fedoxnet/site-agent/agent/policy';
import { rejection } from '../../support/rejection.js';
import { scratchFolder } from './support/scratch.js';

describe('site policy', () => {
  const home = scratchFolder();
  const write = (text: string) => writeFile(join(home(), 'policy.json'), text);

  it('without a file allows every study and approves nothing', async () => {
    expect(await readPolicy(home())).to.deep.equal({ approve: [] });
  });

  it('is read with all it may say', async () => {
    const said = {
      studies: ['chest-1'],
      minimumOtherSites: 2,
      dataFolders: ['/srv/films'],
      uploadMegabitsPerSecond: 20,
    };
    await write(JSON.stringify({ ...said, hours: '19:00-06:30' }));
    const { hours, ...others } = await readPolicy(home());
    expect(others).to.deep.equal({ ...said, approve: [] });
    expect(hours).to.deep.equal({ text: '19:00-06:30', from: 19 * 60, until: 6 * 60 + 30 });
  });

  for (const [what, text] of [
    ['not JSON', '{ studies'],
    ['a misspelt field', '{ "study": ["chest-1"] }'],
    ['half a hash', '{ "approve": ["abc"] }'],
    ['an hour that no clock shows', '{ "hours": "19:00-24:00" }'],
    ['hours without an end', '{ "hours": "19:00" }'],
    ['hours that end as they begin', '{ "hours": "19:00-19:00" }'],
    ['a folder from somewhere', '{ "dataFolders": ["films"] }'],
  ] as const) {
    it(`allows nothing when the file is ${what}`, async () => {
      await write(text);
      const error = await rejection(readPolicy(home()));
      expect(error.code).to.equal('CONFIG_INVALID');
      expect(error.message).to.include('policy.json');
    });
  }
});
