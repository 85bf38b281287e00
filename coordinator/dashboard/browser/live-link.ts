import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import { isConsortiumCensus } from '../view/census-guard.js';
import { isSiteProgress, isStudyStatus, type SiteProgress } from '../view/status-guard.js';
import { coordinatorUrl } from './coordinator-url.js';
import { fetchCensuses, fetchStatuses, fetchStudyNames } from './fetch-statuses.js';
import { refusalText } from './page/refusal.js';
import { AccessRefused, type Credential } from './requests.js';
import { io, type Socket } from './vendor/socket.io.js';

/** `live` by the socket, `polling` by HTTP because the socket is closed, `lost` when neither answers. */
export type LinkState = 'connecting' | 'live' | 'polling' | 'lost';

export interface LinkEvents {
  status(status: StudyStatus): void;
  progress(progress: SiteProgress): void;
  census(census: ConsortiumCensus): void;
  state(state: LinkState): void;
  /** The coordinator has no study: no status will come before one is created. */
  noStudy(): void;
  /** The coordinator does not accept the credential; the link is closed. */
  refused(reason: string): void;
}

const POLL_MS = 5000;

/** The page's connection to the coordinator: namespace `/dashboard`, and plain requests while that is closed. */
export class LiveLink {
  readonly #credential: Credential;
  readonly #events: LinkEvents;
  readonly #socket: Socket;
  /** The timer of the next request; it also tells the current run of requests from one that is over. */
  #poll: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(credential: Credential, events: LinkEvents) {
    this.#credential = credential;
    this.#events = events;
    events.state('connecting');
    this.#socket = io('/dashboard', {
      path: coordinatorUrl('socket.io').pathname,
      auth: credential === null ? {} : { token: credential },
      transports: ['websocket'], // one request, so any replica may take it; `fetchStatuses` serves where none passes
    });
    this.#socket.on('connect', () => this.#live());
    this.#socket.on('disconnect', (reason) => {
      if (reason === 'io server disconnect') this.#socket.connect(); // only then the client does not try by itself
      this.#fall();
    });
    this.#socket.on('connect_error', (error) => {
      if (this.#socket.active) this.#fall();
      else this.#refuse(refusalText((error as { data?: unknown }).data) ?? error.message);
    });
    this.#socket.on('status', (status: unknown) => {
      if (isStudyStatus(status)) events.status(status);
      else console.error('A status arrived that this page does not read; reload the page.');
    });
    this.#socket.on('census', (census: unknown) => {
      if (isConsortiumCensus(census)) events.census(census);
    });
    this.#socket.on('progress', (progress: unknown) => {
      if (isSiteProgress(progress)) events.progress(progress);
    });
  }

  close(): void {
    this.#closed = true;
    this.#stopPolling();
    this.#socket.disconnect();
  }

  #live(): void {
    this.#stopPolling();
    this.#events.state('live');
    void this.#askWhetherEmpty();
  }

  async #askWhetherEmpty(): Promise<void> {
    try {
      const names = await fetchStudyNames(this.#credential);
      if (names.length === 0 && !this.#closed) this.#events.noStudy();
    } catch {
      // The socket is open and will say what there is; this only tells "none" from "not yet".
    }
  }

  #fall(): void {
    if (this.#closed || this.#poll !== undefined) return;
    this.#events.state('lost');
    this.#poll = setTimeout(() => void this.#pollOnce(), 500);
  }

  #stopPolling(): void {
    clearTimeout(this.#poll);
    this.#poll = undefined;
  }

  async #pollOnce(): Promise<void> {
    const run = this.#poll;
    try {
      const [statuses, censuses] = await Promise.all([
        fetchStatuses(this.#credential),
        fetchCensuses(this.#credential),
      ]);
      if (this.#poll !== run) return; // too late: the link is closed, or the socket is back and knows more
      this.#events.state('polling');
      statuses.forEach((status) => this.#events.status(status));
      censuses.forEach((census) => this.#events.census(census));
      if (statuses.length === 0) this.#events.noStudy();
    } catch (error) {
      if (this.#poll !== run) return;
      if (error instanceof AccessRefused) return this.#refuse(error.message);
      this.#events.state('lost');
    }
    this.#poll = setTimeout(() => void this.#pollOnce(), POLL_MS);
  }

  #refuse(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#events.refused(reason);
  }
}
