import type { FederationError } from '@fedoxnet/shared/errors';
import type { HttpClient } from './http-client.js';

/** What uploads and downloads need besides their own subject. */
export interface TransferOptions {
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  /** Chunks that have arrived, of all. */
  readonly onChunk: (done: number, chunks: number) => void;
  readonly onRetry: (error: FederationError, waitMs: number) => void;
}
