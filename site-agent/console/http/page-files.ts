import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router } from 'express';
import { PAGE_SECURITY_POLICY, PAGE_TYPES } from '@fedoxnet/shared/access/page-policy';

interface PageFile {
  readonly file: string;
  readonly type: string;
}

/** From `dist/console/http/` to the package's own folder. */
const inPackage = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
/** What pages of this project have in common, compiled for the browser. */
const sharedPage = dirname(fileURLToPath(import.meta.resolve('@fedoxnet/shared/page/element')));

/** The compiled modules of `folder`, under `prefix`: the folders keep their places, so relative imports work. */
function modules(folder: string, prefix: string): [string, PageFile][] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [prefix + name, { file: `${folder}/${name}`, type: PAGE_TYPES.js }]);
}

/** Every file of the page by URL path; nothing outside of it can be asked for. */
function pageFiles(): ReadonlyMap<string, PageFile> {
  const page = inPackage('console/page');
  const echarts = fileURLToPath(
    new URL('dist/echarts.esm.min.mjs', import.meta.resolve('echarts/package.json')),
  );
  return new Map<string, PageFile>([
    ['/', { file: `${page}/index.html`, type: PAGE_TYPES.html }],
    ['/assets/style.css', { file: `${page}/style.css`, type: PAGE_TYPES.css }],
    ['/assets/favicon.svg', { file: `${page}/favicon.svg`, type: PAGE_TYPES.svg }],
    ...modules(inPackage('console/browser/dist'), '/assets/browser/'),
    ...modules(inPackage('dist/console/view'), '/assets/view/'),
    ...modules(sharedPage, '/assets/browser/page/'),
    ...modules(sharedPage, '/assets/view/page/'),
    ['/assets/browser/vendor/echarts.js', { file: echarts, type: PAGE_TYPES.js }],
  ]);
}

/** The page and its files. They say nothing about the site, so anyone on this machine may have them. */
export function pageRoutes(): Router {
  const router = Router();
  for (const [path, { file, type }] of pageFiles()) {
    router.get(path, (_request, response, next) => {
      response.set({ 'content-security-policy': PAGE_SECURITY_POLICY, 'cache-control': 'no-cache' });
      // The files are ours and listed one by one, so none is hidden because a folder above begins with a dot.
      response.sendFile(file, { headers: { 'content-type': type }, dotfiles: 'allow' }, (error) => {
        if (error !== undefined) next(error);
      });
    });
  }
  return router;
}
