import type { RegisterEntry } from './film-register.js';

/** The file that a film of the catalogue came from, and how many of its pixels one of ours is. */
export interface OriginalFilm {
  /** Of an archive or a PACS it is no path of a file. */
  readonly path: string;
  readonly sopInstance: string | null;
  readonly scaleX: number;
  readonly scaleY: number;
}

/** @returns null for a film that was never decoded */
export function originalFilm({ origin, sopInstance, picture }: RegisterEntry): OriginalFilm | null {
  if (picture === null) return null;
  const { original, stored } = picture;
  return {
    ...{ path: origin, sopInstance },
    scaleX: original.width / stored.width,
    scaleY: original.height / stored.height,
  };
}
