import type { GreyPlane } from '../grey-plane.js';
import type { PreparedFilm, UnreadableFilm } from './prepare-film.js';

/** What the pool asks of a worker thread; one task at a time. */
export type WorkerTask =
  | { readonly kind: 'prepare'; readonly bytes: Uint8Array; readonly side: number }
  | { readonly kind: 'render'; readonly bytes: Uint8Array };

/** What a worker answers: first that it is ready, then one message per task. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared'; readonly film: PreparedFilm | UnreadableFilm }
  | { readonly kind: 'rendered'; readonly plane: GreyPlane }
  | { readonly kind: 'refused'; readonly message: string };
