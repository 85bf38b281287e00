import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of the dashboard: where it lies, and the Content-Type it is sent with. */
export interface DashboardAsset {
  readonly file: string;
  readonly type: string;
}

/**
 * Sent as `Content-Security-Policy` with every file of the dashboard. Nothing comes from another host, no script or
 * style stands in the page itself, and nothing may frame it. ECharts sets styles through the CSSOM, which needs no
 * exception as long as its tooltips are drawn on the canvas (`renderMode: 'richText'`).
 */
export const DASHBOARD_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

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
    .map((name) => [prefix + name, { file: `${folder}/${name}`, type: TYPES.js }]);
}

/**
 * Every file the dashboard's page needs, by URL path; `/` is the page. The set is read once, from the build's output,
 * and nothing outside it can be asked for. The page finds all of it by relative URLs, so a proxy may add a prefix.
 */
export function dashboardAssets(): ReadonlyMap<string, DashboardAsset> {
  const page = here('../../dashboard/page');
  return new Map<string, DashboardAsset>([
    ['/', { file: `${page}/index.html`, type: TYPES.html }],
    ['/assets/style.css', { file: `${page}/style.css`, type: TYPES.css }],
    ['/assets/favicon.svg', { file: `${page}/favicon.svg`, type: TYPES.svg }],
    ...modules(here('../../dashboard/browser/dist'), '/assets/browser/'),
    ...modules(sharedPage, '/assets/browser/page/'),
    ...modules(here('./charts'), '/assets/charts/'),
    ...modules(here('./view'), '/assets/view/'),
    [
      '/assets/browser/vendor/echarts.js',
      { file: packaged('echarts', 'dist/echarts.esm.min.mjs'), type: TYPES.js },
    ],
    [
      '/assets/browser/vendor/socket.io.js',
      { file: packaged('socket.io-client', 'dist/socket.io.esm.min.js'), type: TYPES.js },
    ],
  ]);
}
