import type { FilmPixels } from './film-pixels.js';

/** What the console's thread asks of the one that decodes, and what it gets. */
export interface PictureOrder {
  readonly id: number;
  readonly kind: 'pixels' | 'thumbnail';
  readonly path: string;
}

export type PictureReply = { readonly id: number } & (
  | { readonly pixels: FilmPixels }
  | { readonly thumbnail: Uint8Array }
  | { readonly code: string; readonly message: string }
);
