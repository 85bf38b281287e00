import type { CookieOptions, Request } from 'express';

/** With the port in its name: a machine may have several consoles, and cookies know hosts alone. */
export function cookieName({ socket }: Request): string {
  return `fedoxnet_console_${socket.localPort ?? 0}`;
}

/** Scripts cannot read the cookie, and it goes out with requests of pages of this machine only. */
export const COOKIE_OPTIONS: CookieOptions = { httpOnly: true, sameSite: 'strict', path: '/' };

/** The session's secret, if the request carries the cookie: 43 letters of base64url. */
export function sessionCookie(request: Request): string | undefined {
  const pattern = new RegExp(`(?:^|;\\s*)${cookieName(request)}=([\\w-]{43})(?:;|$)`);
  return pattern.exec(request.headers.cookie ?? '')?.[1];
}
