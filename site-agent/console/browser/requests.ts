import { refusalText } from './page/refusal.js';
import type { FilmPixels } from '../films/film-pixels.js';

/** Nobody is signed in any more: the page asks again how to get in. */
export class AccessRefused extends Error {}

/** The page's half of the session: in the storage of this origin, which other ports of this machine cannot read. */
const KEY = 'fedoxnet.console-key';

export function keepKey(key: string | null): void {
  if (key === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, key);
}

export function hasKey(): boolean {
  return localStorage.getItem(KEY) !== null;
}

/**
 * What the console says. It is of this page's version and on this machine, so its types are believed.
 * @throws {AccessRefused} as named; other errors with the console's own words
 */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await ask(path, {}, signal)).json()) as T;
}

/** @throws as {@link getJson} */
export async function postJson<T>(path: string, body: object = {}): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return (await (await ask(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as T;
}

/** A small picture. @throws as {@link getJson} */
export async function getPicture(path: string, signal?: AbortSignal): Promise<ImageBitmap> {
  return createImageBitmap(await (await ask(path, {}, signal)).blob());
}

/** A film's own grey values. @throws as {@link getJson} */
export async function getPixels(path: string, signal?: AbortSignal): Promise<FilmPixels> {
  const response = await ask(path, {}, signal);
  const about = JSON.parse(response.headers.get('x-film') ?? '{}') as Omit<FilmPixels, 'bytes'>;
  return { ...about, bytes: new Uint8Array(await response.arrayBuffer()) };
}

async function ask(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const headers = { ...init.headers, 'x-console-key': localStorage.getItem(KEY) ?? '' };
  const url = new URL(`v1/${path}`, document.baseURI);
  const response = await fetch(url, { ...init, headers, ...(signal && { signal }), cache: 'no-store' }).catch(
    (error: unknown) => {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      throw new Error('The console does not answer: was it stopped?', { cause: error });
    },
  );
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  const text = refusalText(body) ?? `The console answered ${response.status}.`;
  throw response.status === 401 ? new AccessRefused(text) : new Error(text);
}
