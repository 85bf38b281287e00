import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { digestOf } from '@fedoxnet/shared/weights/digest';

/**
 * SHA-256 of every migration that was ever merged. A database somewhere has run it: to change the schema, add another
 * migration and its line here.
 */
const MERGED = {
  '0001-first-tables.ts': '816f15cfa94d1aef10594384dc4e48e7aee9c80b9aa83d52903c4d503416b9c5',
  '0002-people.ts': '1e7e3487d0023611b1a4435d5867898670e32bdd7aa8ca42a43dbdea0363ee29',
  '0004-receipts.ts': 'ec2ca750c95ecf2ca04ddb7656431cdc609bee8c54947feacbcd748729bdd0e0',
  '0005-census.ts': '92fe16b39f9de8b05e9044e5e0f1ef34ccf359db17c65d44e3fa111562239339',
  '0006-pseudo-boxes.ts': '50fe9eb718e8932deb41e0ff8483bf84fd7d0d157432bc5a329406411b5d5273',
  '0007-server-state.ts': '2ba10fd2ca7cb73628f34a18747f65e9ed263e945f7b76a2faf250423d5f2383',
  '0008-one-open-invitation.ts': '29a9b1a103d7459ff0edd769ca3c3f6fa76aafddc940ca81643a96c8d71a895c',
  '0009-receipt-keys.ts': '2b125e8ffecc6469678799559a01cb6f7629cb1b10c2897055f34fb3fc522935',
};

describe('migrations', () => {
  for (const [name, digest] of Object.entries(MERGED)) {
    it(`${name} is as it was merged`, async () => {
      const text = await readFile(new URL(`../../../migrations/${name}`, import.meta.url), 'utf8');
      expect(digestOf(text)).to.equal(digest);
    });
  }
});
