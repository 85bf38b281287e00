/**
 * What a refused request says to a person: message and help of the protocol's refusal, `{ error: { code, message, help } }`,
 * as a body or on a socket error's `data`. Null when `value` is no refusal.
 */
export function refusalText(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const { error } = value as { error?: unknown };
  if (typeof error !== 'object' || error === null) return null;
  const { message, help } = error as { message?: unknown; help?: unknown };
  if (typeof message !== 'string') return null;
  return typeof help === 'string' ? `${message} ${help}` : message;
}
