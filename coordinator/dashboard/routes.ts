import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGE_TYPES } from '@fedoxnet/shared/access/page-policy';

/** One file of the dashboard: where it lies, and the Content-Type it is sent with. */
export interface DashboardAsset {
  readonly file: string;
  readonly type: string;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** A file of an installed package, found beside its package.json because not every file is an export. */
const packaged = (name: string, path: string) =>
  fileURLToPath(new URL(path, import.meta.resolve(`${name}/package.json`)));

/** What pages of this project have in common, compiled for the browser. */
const sharedPage = dirname(fileURLToPath(import.meta.resolve('@fedoxnet/shared/page/element')));

/** The compiled modules of `folder`, under `prefix`: the folders keep their places, so relative imports work. */
function modules(folder: string, prefix: string): [string, DashboardAsset][] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [prefix + name, { file: `${folder}/${name}`, type: PAGE_TYPES.js }]);
}

/**
 * Every file the dashboard's page needs, by URL path; `/` is the page. The set is read once, from the build's output,
 * and nothing outside it can be asked for. The page finds all of it by relative URLs, so a proxy may add a prefix.
 */
export function dashboardAssets(): ReadonlyMap<string, DashboardAsset> {
  const page = here('../../dashboard/page');
  return new Map<string, DashboardAsset>([
    ['/', { file: `${page}/index.html`, type: PAGE_TYPES.html }],
    ['/assets/style.css', { file: `${page}/style.css`, type: PAGE_TYPES.css }],
    ['/assets/favicon.svg', { file: `${page}/favicon.svg`, type: PAGE_TYPES.svg }],
    ...modules(here('../../dashboard/browser/dist'), '/assets/browser/'),
    ...modules(sharedPage, '/assets/browser/page/'),
    ...modules(here('./charts'), '/assets/charts/'),
    ...modules(here('./view'), '/assets/view/'),
    ...modules(sharedPage, '/assets/view/page/'),
    [
      '/assets/browser/vendor/echarts.js',
      { file: packaged('echarts', 'dist/echarts.esm.min.mjs'), type: PAGE_TYPES.js },
    ],
    [
      '/assets/browser/vendor/socket.io.js',
      { file: packaged('socket.io-client', 'dist/socket.io.esm.min.js'), type: PAGE_TYPES.js },
    ],
  ]);
}
