import { io, type Socket } from 'socket.io-client';
import { FederationError } from '@fedoxnet/shared/errors';
import { refusal, type Refusal } from '@fedoxnet/shared/protocol/http-messages';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import {
  evaluationInvitation,
  roundClosed,
  roundInvitation,
  studyEnded,
  type CoordinatorToSite,
  type EvaluationInvitation,
  type InvitationReply,
  type RoundClosed,
  type RoundFailure,
  type RoundInvitation,
  type RoundProgress,
  type SiteDescription,
  type SiteToCoordinator,
} from '@fedoxnet/shared/protocol/socket-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import type { z } from 'zod';
import type { Ledger } from '../ledger/ledger.js';
import type { SentAbout } from '../ledger/sent-item.js';
import { backOffMs, pause } from './back-off.js';
import { asFederationError } from './failure.js';
import type { TokenSource } from './http-client.js';
import { outboundAgent } from './outbound-agent.js';
import { refusalIn } from './refusal.js';

export interface LinkHandlers {
  onConnected(): void;
  onDisconnected(reason: string): void;
  /** A connection could not be made; the link tries again. */
  onRefused(error: FederationError, waitMs: number): void;
  onInvitation(invitation: RoundInvitation): Promise<InvitationReply>;
  onEvaluation(invitation: EvaluationInvitation): Promise<InvitationReply>;
  onClosed(message: RoundClosed): void;
  onEnded(message: z.infer<typeof studyEnded>): void;
  /** A message that could not be read; it was answered with a refusal where it can be. */
  onUnreadable(error: FederationError): void;
}

export interface LinkOptions {
  readonly address: string;
  readonly tokens: TokenSource;
  /** Gets every message that leaves. */
  readonly ledger: Pick<Ledger, 'message' | 'count'>;
  /** Ends the link with the last error when there was no connection for this long. */
  readonly patienceMs: number;
  /** The same for SITE_ALREADY_CONNECTED: longer than the coordinator takes to notice that this agent's last process is gone. */
  readonly takeoverMs: number;
}

const ACK_TIMEOUT_MS = 10_000;
const FAILURE_AGAIN_MS = 5_000;

/** The one connection of a site: opened from inside, kept open, made again whenever it breaks. */
export class Link {
  private readonly socket: Socket<CoordinatorToSite, SiteToCoordinator>;
  private description: SiteDescription | null = null;
  private unsentFailures: RoundFailure[] = [];
  private sendingLater: NodeJS.Timeout | null = null;

  constructor(
    private readonly options: LinkOptions,
    private readonly handlers: LinkHandlers,
  ) {
    const { origin, pathname } = new URL(options.address);
    this.socket = io(`${origin}/sites`, {
      path: `${pathname.replace(/\/$/, '')}/socket.io`,
      autoConnect: false,
      // Every connection needs a token that is still good, so reconnecting is done below.
      reconnection: false,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      forceNew: true,
      // Its types know the agents of browsers alone.
      agent: outboundAgent(options.address) as never,
    });
    this.listen();
  }

  /**
   * Keeps the site connected until `signal` is aborted.
   * @throws {FederationError} a refusal that no retry can change, or the last one when patience ran out
   */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let lastConnected = Date.now();
    try {
      while (!signal.aborted) {
        try {
          await this.connect();
          failures = 0;
          this.handlers.onConnected();
          this.greet();
          this.handlers.onDisconnected(await this.untilDisconnected(signal));
          lastConnected = Date.now();
          failures = 1;
        } catch (error) {
          if (!(error instanceof FederationError) || !error.entry.retry) throw error;
          const taken = error.code === 'SITE_ALREADY_CONNECTED';
          if (Date.now() - lastConnected >= (taken ? this.options.takeoverMs : this.options.patienceMs))
            throw error;
          failures += 1;
          this.handlers.onRefused(error, backOffMs(failures));
        }
        if (!signal.aborted) await pause(backOffMs(failures), signal).catch(() => undefined);
      }
    } finally {
      this.socket.disconnect();
    }
  }

  get isConnected(): boolean {
    return this.socket.connected;
  }

  /** Replaces what the coordinator knows of this site, now and after every connection. */
  describe(description: SiteDescription): void {
    this.description = description;
    if (this.isConnected) this.sendDescription(description);
  }

  /** Lost when there is no connection: a newer one follows. */
  progress(message: RoundProgress): void {
    if (!this.isConnected) return;
    this.options.ledger.count('progress', message, placeOf(message));
    this.send('round:progress', message);
  }

  /** Kept until it was acknowledged. */
  fail(message: RoundFailure): void {
    this.unsentFailures.push(message);
    if (this.isConnected) this.sendFailures();
  }

  private async connect(): Promise<void> {
    const token = await this.options.tokens.token();
    this.socket.auth = { token, protocol: PROTOCOL };
    await new Promise<void>((resolve, reject) => {
      const onConnect = () => {
        this.socket.off('connect_error', onError);
        resolve();
      };
      const onError = (error: Error) => {
        this.socket.off('connect', onConnect);
        this.socket.disconnect();
        const refused = refusedBecause(error, this.options.address);
        if (refused.code === 'SESSION_INVALID') this.options.tokens.expire(token);
        reject(refused);
      };
      this.socket.once('connect', onConnect);
      this.socket.once('connect_error', onError);
      this.socket.connect();
    });
  }

  private untilDisconnected(signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      const stop = () => this.socket.disconnect();
      if (!this.socket.connected) return resolve('transport close');
      this.socket.once('disconnect', (reason) => {
        signal.removeEventListener('abort', stop);
        resolve(reason);
      });
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  }

  private greet(): void {
    if (this.description !== null) this.sendDescription(this.description);
    this.sendFailures();
  }

  private sendDescription(description: SiteDescription): void {
    this.options.ledger.message('site description', description);
    this.send('site:describe', description);
  }

  private sendFailures(): void {
    for (const failure of this.unsentFailures) {
      this.options.ledger.message('failure', failure, placeOf(failure));
      void this.acknowledged('round:failed', failure).then((arrived) => {
        if (arrived) this.unsentFailures = this.unsentFailures.filter((other) => other !== failure);
        else this.sendFailuresLater();
      });
    }
  }

  /** The connection may be well and the coordinator's database away. */
  private sendFailuresLater(): void {
    this.sendingLater ??= setTimeout(() => {
      this.sendingLater = null;
      if (this.isConnected) this.sendFailures();
    }, FAILURE_AGAIN_MS).unref();
  }

  private send(name: 'site:describe' | 'round:progress', message: unknown): void {
    void this.acknowledged(name, message);
  }

  /** @returns false when no answer came, or one that says to try again. Any other refusal is an answer. */
  private async acknowledged(name: keyof SiteToCoordinator, message: unknown): Promise<boolean> {
    let answer: unknown;
    try {
      answer = await this.socket.timeout(ACK_TIMEOUT_MS).emitWithAck(name, message);
    } catch {
      return false; // the connection broke meanwhile
    }
    const refused = refusal.safeParse(answer);
    if (!refused.success) return true;
    const error = toError(refused.data, `${name} was refused.`);
    this.handlers.onUnreadable(error);
    return !error.entry.retry;
  }

  private listen(): void {
    const { handlers, socket } = this;
    socket.on('round:invite', (message: unknown, ack: unknown) =>
      this.answer(ack, () => handlers.onInvitation(parseMessage(roundInvitation, message, 'round:invite'))),
    );
    socket.on('round:evaluate', (message: unknown, ack: unknown) =>
      this.answer(ack, () =>
        handlers.onEvaluation(parseMessage(evaluationInvitation, message, 'round:evaluate')),
      ),
    );
    socket.on('round:closed', (message: unknown) =>
      this.read(() => handlers.onClosed(parseMessage(roundClosed, message, 'round:closed'))),
    );
    socket.on('study:ended', (message: unknown) =>
      this.read(() => handlers.onEnded(parseMessage(studyEnded, message, 'study:ended'))),
    );
  }

  private answer(ack: unknown, decide: () => Promise<InvitationReply>): void {
    const reply = async (): Promise<InvitationReply> => {
      try {
        return await decide();
      } catch (error) {
        const refused = asFederationError(error);
        this.handlers.onUnreadable(refused);
        return { accepted: false, code: refused.code, message: refused.message.slice(0, 500) };
      }
    };
    void reply().then((message) => {
      if (typeof ack !== 'function') return;
      (ack as (reply: InvitationReply) => void)(message);
      this.options.ledger.message('answer', message);
    });
  }

  private read(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.handlers.onUnreadable(asFederationError(error));
    }
  }
}

/** For the ledger. */
function placeOf({ study, round, attempt }: RoundProgress | RoundFailure): SentAbout {
  return { study, round, attempt };
}

function toError(said: Refusal, otherwise: string): FederationError {
  return refusalIn(said) ?? new FederationError('MESSAGE_INVALID', said.error.message || otherwise);
}

/** The coordinator refuses a handshake with the body of a refusal as `data`; anything else is the network. */
function refusedBecause(error: Error & { data?: unknown }, address: string): FederationError {
  const parsed = refusal.safeParse(error.data);
  if (parsed.success) return toError(parsed.data, error.message);
  return new FederationError(
    'COORDINATOR_UNREACHABLE',
    `The coordinator at ${address} takes no connection (${error.message}).`,
    { cause: error },
  );
}
