import { takeFromAddress } from './page/address-fragment.js';

const KEY = 'fedoxnet.viewer-token';

/** The viewer token of this tab; one given in the address moves to the tab's storage. */
export function takeToken(): string | null {
  const given = takeFromAddress('token');
  if (given !== null) keepToken(given);
  return sessionStorage.getItem(KEY);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
