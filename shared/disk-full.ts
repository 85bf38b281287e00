/** True for what a write throws when the disk, or the share of it that we may use, is full. It passes when space is freed. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
