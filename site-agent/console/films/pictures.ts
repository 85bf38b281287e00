import { Worker } from 'node:worker_threads';
import { FederationError, isErrorCode } from '@fedoxnet/shared/errors';
import type { FilmPixels } from './film-pixels.js';
import type { PictureOrder, PictureReply } from './picture-messages.js';

const WORKER = new URL('./picture-worker.js', import.meta.url);
/** About 10 MB. */
const THUMBNAILS_KEPT = 500;

/** Pictures of films, decoded in a thread of their own that starts with the first and ends with the console. */
export class Pictures {
  private worker: Worker | null = null;
  private next = 0;
  private readonly waiting = new Map<
    number,
    { readonly resolve: (reply: PictureReply) => void; readonly reject: (error: Error) => void }
  >();
  /** By path, the latest used last. */
  private readonly thumbnails = new Map<string, Promise<Uint8Array>>();

  /** @throws {FederationError} `FILM_UNREADABLE` */
  async pixels(path: string): Promise<FilmPixels> {
    const reply = await this.ask('pixels', path);
    if ('pixels' in reply) return reply.pixels;
    throw refusalIn(reply);
  }

  /** PNG. @throws {FederationError} `FILM_UNREADABLE` */
  thumbnail(path: string): Promise<Uint8Array> {
    const made = this.thumbnails.get(path) ?? this.makeThumbnail(path);
    this.thumbnails.delete(path);
    this.thumbnails.set(path, made);
    const [oldest] = this.thumbnails.keys();
    if (this.thumbnails.size > THUMBNAILS_KEPT && oldest !== undefined) this.thumbnails.delete(oldest);
    made.catch(() => this.thumbnails.delete(path));
    return made;
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private async makeThumbnail(path: string): Promise<Uint8Array> {
    const reply = await this.ask('thumbnail', path);
    if ('thumbnail' in reply) return reply.thumbnail;
    throw refusalIn(reply);
  }

  private ask(kind: PictureOrder['kind'], path: string): Promise<PictureReply> {
    const worker = (this.worker ??= this.start());
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.postMessage({ id, kind, path } satisfies PictureOrder);
    });
  }

  private start(): Worker {
    const worker = new Worker(WORKER);
    worker.on('message', (reply: PictureReply) => {
      this.waiting.get(reply.id)?.resolve(reply);
      this.waiting.delete(reply.id);
    });
    const lost = (error: Error): void => {
      if (this.worker === worker) this.worker = null;
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    };
    worker.on('error', lost);
    worker.on('exit', () => lost(new FederationError('FILM_UNREADABLE', 'The decoder of films ended.')));
    worker.unref();
    return worker;
  }
}

function refusalIn(reply: PictureReply): FederationError {
  const { code, message } = reply as { code?: unknown; message?: string };
  return new FederationError(isErrorCode(code) ? code : 'INTERNAL', message ?? 'The film cannot be shown.');
}
