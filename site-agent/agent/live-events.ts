import type { SiteDescription } from '@fedoxnet/shared/protocol/socket-messages';
import type { LossTerms } from '../trainer/ipc.js';
import type { Traffic } from './http-client.js';

interface InRound {
  readonly study: string;
  readonly round: number;
}
interface InAttempt extends InRound {
  readonly attempt: number;
}
interface BytesMoved {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export interface Progress extends InAttempt, BytesMoved {
  readonly phase: 'download' | 'train' | 'upload' | 'evaluate';
  /** Optimiser steps while training, chunks while moving weights, films while evaluating. */
  readonly step: number;
  readonly steps: number;
  readonly losses: LossTerms;
  readonly filmsPerSecond: number;
}

/** What a running agent tells whoever started it: `fedoxnet-site run --json` prints these, README.md describes them. */
export type LiveEvent =
  | { readonly event: 'started'; readonly site: string; readonly coordinator: string; readonly home: string }
  | { readonly event: 'prepared'; readonly backend: string; readonly films: SiteDescription['films'] }
  | { readonly event: 'connected'; readonly site: string; readonly coordinator: string }
  | { readonly event: 'disconnected'; readonly reason: string }
  | ({ readonly event: 'round'; readonly release: number } & InAttempt)
  | ({ readonly event: 'declined'; readonly code: string; readonly message: string } & InRound)
  | ({ readonly event: 'progress' } & Progress)
  | ({
      readonly event: 'trained';
      readonly losses: LossTerms;
      readonly steps: number;
      readonly seconds: number;
      readonly peakRssMb: number;
    } & InAttempt)
  | ({ readonly event: 'uploaded'; readonly bytes: number; readonly digest: string } & InAttempt & BytesMoved)
  /** `films`: null when there are so few that the site tells nobody how many. */
  | ({ readonly event: 'evaluated'; readonly films: number | null; readonly seconds: number } & InRound &
      BytesMoved)
  | ({ readonly event: 'failed'; readonly code: string; readonly message: string } & InAttempt)
  | ({ readonly event: 'closed'; readonly counted: readonly string[] } & InRound)
  | { readonly event: 'ended'; readonly study: string; readonly state: string };

export function bytesMoved(traffic: Traffic): BytesMoved {
  return { bytesSent: traffic.sent, bytesReceived: traffic.received };
}
