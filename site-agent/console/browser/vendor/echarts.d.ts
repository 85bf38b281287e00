/** Served beside the compiled modules from the installed package (http/page-files.ts): a browser knows no package names. */
export { init } from 'echarts';
export type { ECharts } from 'echarts';
