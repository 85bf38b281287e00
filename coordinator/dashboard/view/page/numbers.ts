/** Served beside the compiled modules from the shared package (routes.ts): a browser knows no package names. */
export { formatBytes, formatCount, formatLoss, NOT_KNOWN, shortHash } from '@fedoxnet/shared/page/numbers';
