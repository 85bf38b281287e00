/** Served beside the compiled modules from the shared package (http/page-files.ts): a browser knows no package names. */
export { EntryForm } from '@fedoxnet/shared/page/entry-form';
