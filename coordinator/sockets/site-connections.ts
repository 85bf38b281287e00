import type { DefaultEventsMap, Socket } from 'socket.io';
import type { Logger } from 'pino';
import { FederationError } from '@fedoxnet/shared/errors';
import {
  invitationReply,
  type CoordinatorToSite,
  type EvaluationInvitation,
  type InvitationReply,
  type RoundInvitation,
  type SiteToCoordinator,
} from '@fedoxnet/shared/protocol/socket-messages';
import type { SiteLink } from '../rounds/site-link.js';
import type { AgentLink } from '../sites/agent-link.js';
import type { AgentSessions } from '../sites/agent-sessions.js';
import { isAlive } from './heartbeat-probe.js';
import { ShutOuts } from './shut-outs.js';

/** What a handshake leaves for the connection that it opens. */
export interface SiteSocketData {
  site: string;
  /** Before its token was looked up. */
  moment: number;
  agent: AgentSessions;
}

export type SiteSocket = Socket<SiteToCoordinator, CoordinatorToSite, DefaultEventsMap, SiteSocketData>;

/** A site may first have to finish a step before it can answer. */
const REPLY_MS = 20_000;
const PROBE_MS = 3_000;

/** The live connection of every site: at most one each. */
export class SiteConnections implements SiteLink, AgentLink {
  readonly #sockets = new Map<string, SiteSocket>();
  readonly #shutOuts = new ShutOuts();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  isConnected(site: string): boolean {
    return this.#sockets.has(site);
  }

  /**
   * Makes room for a new connection of a site: an old one that still answers keeps its place.
   * @throws {FederationError} `SITE_ALREADY_CONNECTED`
   */
  async makeRoom(site: string): Promise<void> {
    const old = this.#sockets.get(site);
    if (old === undefined) return;
    if (await isAlive(old, PROBE_MS)) {
      throw new FederationError('SITE_ALREADY_CONNECTED', `Site ${site} is already connected.`);
    }
    old.disconnect(true);
  }

  /** To be taken before a site's token is looked up, and shown when its connection is added. */
  get moment(): number {
    return this.#shutOuts.moment;
  }

  addressOf(site: string): string | null {
    return this.#sockets.get(site)?.data.agent.address ?? null;
  }

  renew(site: string, before: string, next: string): boolean {
    return this.#sockets.get(site)?.data.agent.renew(before, next) ?? false;
  }

  async requireOwn(site: string, session: string): Promise<void> {
    if (this.#sockets.get(site)?.data.agent.has(session) !== true) await this.makeRoom(site);
  }

  /** False when another connection of the site was faster, or the site was disconnected since `moment`. */
  add(site: string, socket: SiteSocket, moment: number): boolean {
    const old = this.#sockets.get(site);
    if (old?.connected === true || this.#shutOuts.since(moment, site)) return false;
    this.#sockets.set(site, socket);
    return true;
  }

  /** True when `socket` was the site's connection, so that the site is away now. */
  remove(site: string, socket: SiteSocket): boolean {
    return this.#sockets.get(site) === socket && this.#sockets.delete(site);
  }

  /** Ends the site's connection, and the one that it may be about to get with a token that no longer holds. */
  disconnect(site: string): void {
    this.#shutOuts.add(site);
    this.#sockets.get(site)?.disconnect(true);
  }

  invite(site: string, message: RoundInvitation): Promise<InvitationReply | null> {
    return this.#ask(site, (socket) => socket.timeout(REPLY_MS).emitWithAck('round:invite', message));
  }

  askEvaluation(site: string, message: EvaluationInvitation): Promise<InvitationReply | null> {
    return this.#ask(site, (socket) => socket.timeout(REPLY_MS).emitWithAck('round:evaluate', message));
  }

  tellClosed(site: string, message: Parameters<SiteLink['tellClosed']>[1]): void {
    this.#sockets.get(site)?.emit('round:closed', message);
  }

  tellEnded(site: string, message: Parameters<SiteLink['tellEnded']>[1]): void {
    this.#sockets.get(site)?.emit('study:ended', message);
  }

  async #ask(site: string, emit: (socket: SiteSocket) => Promise<unknown>): Promise<InvitationReply | null> {
    const socket = this.#sockets.get(site);
    if (socket === undefined) return null;
    let answer: unknown;
    try {
      answer = await whileConnected(socket, emit(socket));
    } catch {
      this.#log.warn({ site }, 'a site did not answer an invitation');
      return null;
    }
    const reply = invitationReply.safeParse(answer);
    if (reply.success) return reply.data;
    return { accepted: false, code: 'MESSAGE_INVALID', message: 'The answer to the invitation is invalid.' };
  }
}

/** socket.io keeps waiting for an acknowledgement after the connection has ended. */
function whileConnected<T>(socket: SiteSocket, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onDisconnect = (reason: string): void => reject(new Error(reason));
    socket.once('disconnect', onDisconnect);
    answer.then(resolve, reject).finally(() => socket.off('disconnect', onDisconnect));
  });
}
