import type { Command } from './command-set.js';

/** Status codes of PS3.4 annex C and PS3.7 annex C. */
export const STATUS = {
  success: 0x0000,
  pending: 0xff00,
  pendingWithoutKeys: 0xff01,
  outOfResources: 0xa700,
  destinationUnknown: 0xa801,
  notAuthorised: 0x0124,
  sopClassNotSupported: 0x0122,
  noSuchOperation: 0x0211,
} as const;

/** More answers follow. */
export function isPending({ status }: Command): boolean {
  return status === STATUS.pending || status === STATUS.pendingWithoutKeys;
}

/** The status as the standard writes it: A700. */
export function statusText({ status = -1 }: Command): string {
  return hexadecimal(status);
}

export function hexadecimal(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, '0');
}
