/** Served beside the compiled modules from the shared package (page-files.ts): a browser knows no package names. */
export { DARK_THEME, seriesMark } from '@fedoxnet/shared/page/chart-theme';
