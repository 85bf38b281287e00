import type { DefaultEventsMap, Namespace, Server } from 'socket.io';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import {
  roundFailure,
  roundProgress,
  siteDescription,
  type CoordinatorToSite,
  type RoundProgress,
  type SiteToCoordinator,
} from '@fedoxnet/shared/protocol/socket-messages';
import type { CoordinatorContext } from '../context.js';
import { asFederationError, refusalOf } from '../refusal.js';
import { checkProtocol } from '../sites/protocol-version.js';
import { secretHash } from '@fedoxnet/shared/access/secrets';
import { AgentSessions } from '../sites/agent-sessions.js';
import { siteOfToken } from '../sites/site-session.js';
import { peerAddress } from './peer-address.js';
import { refusedHandshake } from './refused-handshake.js';
import type { SiteConnections, SiteSocket, SiteSocketData } from './site-connections.js';

const handshake = z.object({ token: z.string().min(1).max(200), protocol: z.number() });

export interface SiteNamespaceOptions {
  readonly context: CoordinatorContext;
  readonly connections: SiteConnections;
  /** For the dashboard. */
  readonly onProgress: (site: string, message: RoundProgress) => void;
}

/** Namespace `/sites`: control messages of enrolled sites. PROTOCOL.md §5. */
export function siteNamespace(io: Server, { context, connections, onProgress }: SiteNamespaceOptions): void {
  const { engine, database, doubleUse, log } = context;

  async function admit(socket: SiteSocket): Promise<void> {
    const auth = handshake.safeParse(socket.handshake.auth);
    if (!auth.success) throw new FederationError('SESSION_INVALID', 'The handshake carries no token.');
    checkProtocol(auth.data.protocol);
    const { moment } = connections;
    const { name } = await siteOfToken(context, auth.data.token);
    const address = peerAddress(socket.handshake, context.behindProxy);
    await connections.makeRoom(name).catch(async (error: unknown) => {
      await doubleUse.ofKey(name, address, 'connection');
      throw error;
    });
    const agent = new AgentSessions(secretHash(auth.data.token), address);
    socket.data = { site: name, moment, agent };
  }

  /** Answers every message with `{}` or a refusal, whatever it holds. */
  function answer(
    socket: SiteSocket,
    name: keyof SiteMessages,
    act: (message: unknown) => Promise<void>,
  ): void {
    socket.on(name, (message: unknown, ack: unknown) => {
      const reply = typeof ack === 'function' ? (ack as (value: unknown) => void) : () => undefined;
      act(message).then(
        () => reply({}),
        (error: unknown) => {
          const refused = asFederationError(error);
          if (refused.code === 'INTERNAL')
            log.error({ err: error, event: name }, 'a message of a site failed');
          context.refusals.note({ site: socket.data.site }, refused, name);
          reply(refusalOf(refused));
        },
      );
    });
  }

  const namespace = io.of('/sites') as SiteNamespace;
  namespace.use((socket, next) => {
    admit(socket).then(
      () => next(),
      (error: unknown) => next(refusedHandshake(context, socket, error)),
    );
  });
  namespace.on('connection', (socket: SiteSocket) => {
    const { site, moment } = socket.data;
    if (!connections.add(site, socket, moment)) {
      socket.disconnect(true);
      return;
    }
    log.info({ site }, 'site connected');
    const background = (work: Promise<void>): void => {
      work.catch((error: unknown) => log.error({ err: error, site }, 'a connection could not be booked'));
    };
    socket.on('disconnect', (reason) => {
      if (!connections.remove(site, socket)) return;
      log.info({ site, reason }, 'site disconnected');
      background(engine.siteDisconnected(site));
    });
    answer(socket, 'site:describe', async (message) => {
      const description = parseMessage(siteDescription, message, 'site:describe');
      await database.stores.sites.describe(site, description);
      await engine.siteDescribed(site, description.films.train);
    });
    answer(socket, 'round:progress', async (message) => {
      const progress = parseMessage(roundProgress, message, 'round:progress');
      await engine.progress(site, progress);
      onProgress(site, progress);
    });
    answer(socket, 'round:failed', async (message) => {
      await engine.failure(site, parseMessage(roundFailure, message, 'round:failed'));
    });
    background(engine.siteConnected(site));
  });
}

type SiteNamespace = Namespace<SiteToCoordinator, CoordinatorToSite, DefaultEventsMap, SiteSocketData>;
type SiteMessages = Record<'site:describe' | 'round:progress' | 'round:failed', unknown>;
