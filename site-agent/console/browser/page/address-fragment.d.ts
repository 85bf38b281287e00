/** Served beside the compiled modules from the shared package (http/page-files.ts): a browser knows no package names. */
export { takeFromAddress } from '@fedoxnet/shared/page/address-fragment';
