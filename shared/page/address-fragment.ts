/**
 * Takes a secret out of the address, `#name=…`, and out of its history entry. A fragment is never sent to a server.
 * @returns null when the address carries none of this name
 */
export function takeFromAddress(name: string): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get(name);
  if (given !== null) {
    fragment.delete(name);
    const rest = fragment.toString();
    history.replaceState(null, '', location.pathname + location.search + (rest === '' ? '' : `#${rest}`));
  }
  return given;
}
