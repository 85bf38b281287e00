/**
 * Sent as `Content-Security-Policy` with every file of our pages. Nothing comes from another host, no script or style stands
 * in the page itself, and nothing may frame it. ECharts sets styles through the CSSOM, which needs no exception as long as its
 * tooltips are drawn on the canvas (`renderMode: 'richText'`).
 */
export const PAGE_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The `Content-Type` of each kind of file that our pages consist of. */
export const PAGE_TYPES = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;
