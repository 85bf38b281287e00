import { FederationError } from '../errors.js';

/** The headers of an HTTP request that say which page made it. */
export interface PageHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

/**
 * So that no other page can act in the name of whoever is signed in (CSRF): browsers say where a request comes from, and no
 * page can change what they say.
 * @throws {FederationError} `FORBIDDEN` when another page made the request
 */
export function requireOwnPage({ host, origin, 'sec-fetch-site': site }: PageHeaders): void {
  // Browsers leave Sec-Fetch-Site out on plain HTTP; then Origin tells, which they send with all but plain reads.
  const isOwn = site === undefined ? origin === undefined || hostOf(origin) === host : site === 'same-origin';
  if (!isOwn) throw new FederationError('FORBIDDEN', 'The request comes from another page.');
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
