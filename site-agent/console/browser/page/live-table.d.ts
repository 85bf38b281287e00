/** Served beside the compiled modules from the shared package (http/page-files.ts): a browser knows no package names. */
export { LiveTable } from '@fedoxnet/shared/page/live-table';
export type { Cell, Column, Row } from '@fedoxnet/shared/page/live-table';
