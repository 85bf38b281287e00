/** Served beside the compiled modules from the shared package (routes.ts): a browser knows no package names. */
export { lossLabel, orderTerms } from '@fedoxnet/shared/page/loss-terms';
