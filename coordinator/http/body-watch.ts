import type { Request, RequestHandler, Response } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';
import { refusalOf } from '../refusal.js';
import type { ServerLimits } from './server-limits.js';

interface Watched {
  readonly request: Request;
  readonly response: Response;
  readonly since: number;
  /** What the connection had brought when the body began. */
  readonly bytesBefore: number;
}

/**
 * Ends requests whose body trickles in: whoever sends a byte now and then would hold a connection, and what waits for the
 * body, for as long as it likes.
 */
export class BodyWatch {
  readonly #limits: Pick<ServerLimits, 'graceMs' | 'bodyRate' | 'everyMs'>;
  readonly #now: () => number;
  readonly #onRefused: (request: Request, refused: FederationError) => void;
  readonly #open = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param now       milliseconds of a clock that nobody sets
   * @param onRefused hears of every request that it ends
   */
  constructor(
    limits: Pick<ServerLimits, 'graceMs' | 'bodyRate' | 'everyMs'>,
    now: () => number = () => performance.now(),
    onRefused: (request: Request, refused: FederationError) => void = () => undefined,
  ) {
    this.#limits = limits;
    this.#now = now;
    this.#onRefused = onRefused;
  }

  /** Must come before anything that reads the body. */
  readonly handler: RequestHandler = (request, response, next) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (encoding !== undefined || Number(length ?? 0) > 0) this.#watch(request, response);
    next();
  };

  /** Looks at every body that is still on its way. Called by itself; a test may call it at any time it likes. */
  sweep(): void {
    const now = this.#now();
    const { graceMs, bodyRate } = this.#limits;
    for (const { request, response, since, bytesBefore } of this.#open) {
      const due = ((now - since - graceMs) / 1000) * bodyRate;
      if (request.socket.bytesRead - bytesBefore >= due) continue;
      const slow = new FederationError(
        'TOO_SLOW',
        `The body of ${request.method} ${request.path} comes too slowly.`,
      );
      this.#onRefused(request, slow);
      refuse(request, response, slow);
    }
  }

  #watch(request: Request, response: Response): void {
    const watched = { request, response, since: this.#now(), bytesBefore: request.socket.bytesRead };
    this.#open.add(watched);
    const end = (): void => {
      this.#open.delete(watched);
      if (this.#open.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
    request.once('end', end);
    request.once('close', end);
    this.#timer ??= setInterval(() => this.sweep(), this.#limits.everyMs).unref();
  }
}

/** The rest of the body is not waited for, so the connection ends with the answer. */
function refuse(request: Request, response: Response, slow: FederationError): void {
  if (response.headersSent) {
    request.socket.destroy();
    return;
  }
  response.once('finish', () => request.socket.destroy());
  response.set('connection', 'close').status(slow.entry.http).json(refusalOf(slow));
}
