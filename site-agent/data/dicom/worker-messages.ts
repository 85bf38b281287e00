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

/** What of `bytes` can be moved to another thread: a view of a shared pool of small buffers can only be copied. */
export function movable({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
