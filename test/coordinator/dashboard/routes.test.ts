import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'chai';
import { PAGE_SECURITY_POLICY } from '@fedoxnet/shared/access/page-policy';
import { dashboardAssets } from '@fedoxnet/coordinator/dashboard/routes';

const PAGE = 'http://host/';
const assets = dashboardAssets();
const read = (path: string) => readFileSync(assets.get(path)?.file ?? '', 'utf8');

describe('dashboard routes', () => {
  it('serves every file that the page names', () => {
    const named = [...read('/').matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, path]) => path ?? '');
    expect(named).to.have.length.at.least(4);
    for (const path of named) expect(assets.has(new URL(path, PAGE).pathname), path).to.equal(true);
  });

  it('serves every module that a served module of ours imports', () => {
    const modules = [...assets.keys()].filter((path) => path.endsWith('.js') && !path.includes('/vendor/'));
    expect(modules).to.include('/assets/browser/main.js').and.include('/assets/view/format.js');
    for (const module of modules) {
      for (const [, imported = ''] of read(module).matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
        const path = new URL(imported, PAGE + module.slice(1)).pathname;
        expect(assets.has(path), `${module} imports ${imported}`).to.equal(true);
      }
    }
  });

  it('serves no source map, no source and nothing of the server', () => {
    for (const { file } of assets.values()) {
      expect(basename(file)).to.match(/^[a-z.-]+\.(html|css|svg|js|mjs)$/);
      expect(readFileSync(file, 'utf8')).not.to.match(/from 'node:/);
    }
  });

  it('lets the page run nothing but its own files', () => {
    expect(PAGE_SECURITY_POLICY).not.to.contain('unsafe').and.not.to.contain('http');
    expect(read('/')).not.to.match(/<style|style=|\son[a-z]+=|<script(?![^>]*src=)/);
  });
});
