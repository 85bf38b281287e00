import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router } from 'express';

/**
 * Sent with every file of the page. Nothing comes from another host, no script or style stands in the page itself, nothing
 * may frame it. ECharts sets styles through the CSSOM, which needs no exception while its tooltips are drawn on the canvas.
 */
const CONTENT_SECURITY_POLICY = [
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

interface PageFile {
  readonly file: string;
  readonly type: string;
}

/** From `dist/console/http/` to the package's own folder. */
const inPackage = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const resolved = (module: string) => fileURLToPath(import.meta.resolve(module));

/** The compiled modules of `folder`, under `prefix`: the folders keep their places, so relative imports work. */
function modules(folder: string, prefix: string): [string, PageFile][] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [prefix + name, { file: `${folder}/${name}`, type: TYPES.js }]);
}

/** Every file of the page by URL path; nothing outside of it can be asked for. */
function pageFiles(): ReadonlyMap<string, PageFile> {
  const page = inPackage('console/page');
  const echarts = fileURLToPath(
    new URL('dist/echarts.esm.min.mjs', import.meta.resolve('echarts/package.json')),
  );
  return new Map<string, PageFile>([
    ['/', { file: `${page}/index.html`, type: TYPES.html }],
    ['/assets/style.css', { file: `${page}/style.css`, type: TYPES.css }],
    ['/assets/favicon.svg', { file: `${page}/favicon.svg`, type: TYPES.svg }],
    ...modules(inPackage('console/browser/dist'), '/assets/browser/'),
    ...modules(inPackage('dist/console/view'), '/assets/view/'),
    ...modules(dirname(resolved('@fedoxnet/shared/page/element')), '/assets/browser/page/'),
    ['/assets/browser/vendor/echarts.js', { file: echarts, type: TYPES.js }],
  ]);
}

/** The page and its files. They say nothing about the site, so anyone on this machine may have them. */
export function pageRoutes(): Router {
  const router = Router();
  for (const [path, { file, type }] of pageFiles()) {
    router.get(path, (_request, response, next) => {
      response.set({ 'content-security-policy': CONTENT_SECURITY_POLICY, 'cache-control': 'no-cache' });
      // The files are ours and listed one by one, so none is hidden because a folder above begins with a dot.
      response.sendFile(file, { headers: { 'content-type': type }, dotfiles: 'allow' }, (error) => {
        if (error !== undefined) next(error);
      });
    });
  }
  return router;
}
