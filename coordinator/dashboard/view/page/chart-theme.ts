/** Served beside the compiled modules from the shared package (routes.ts): a browser knows no package names. */
export { DARK_THEME, LIGHT_THEME, seriesMark } from '@fedoxnet/shared/page/chart-theme';
export type { ChartTheme } from '@fedoxnet/shared/page/chart-theme';
