/** Served beside the compiled modules from the shared package (http/page-files.ts): a browser knows no package names. */
export { refusalText } from '@fedoxnet/shared/page/refusal';
