import { missingPackages } from '#setup/packages';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const lock = (packages: Record<string, object>) => ({ packages });
const zod = { version: '4.0.0', integrity: 'sha512-x' };

describe('installed packages', () => {
  it('are current when versions, digests and links agree, workspaces aside', () => {
    const wanted = lock({
      '': { version: '1.0.0' },
      shared: { version: '1.0.0' },
      'node_modules/zod': zod,
      'node_modules/@fedoxnet/shared': { link: true },
    });
    const installed = lock({ 'node_modules/zod': zod, 'node_modules/@fedoxnet/shared': { link: true } });
    expect(missingPackages(wanted, installed)).to.deep.equal([]);
  });

  it('are stale when one has another version or digest, or is not there', () => {
    const wanted = lock({ 'node_modules/zod': zod, 'shared/node_modules/pino': { version: '1.0.0' } });
    const found = (version: string, integrity: string) =>
      missingPackages(wanted, lock({ 'node_modules/zod': { version, integrity } }));
    expect(found('4.0.0', 'sha512-x')).to.deep.equal(['shared/node_modules/pino']);
    expect(found('4.0.1', 'sha512-x')).to.deep.equal(['node_modules/zod', 'shared/node_modules/pino']);
    expect(found('4.0.0', 'sha512-y')).to.deep.equal(['node_modules/zod', 'shared/node_modules/pino']);
  });

  it('may lack what belongs to another platform', () => {
    const wanted = lock({ 'node_modules/@img/sharp-win32-x64': { version: '1.0.0', optional: true } });
    expect(missingPackages(wanted, lock({}))).to.deep.equal([]);
  });
});
