import type { Server } from 'socket.io';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import {
  roundFailure,
  roundProgress,
  siteDescription,
  type RoundProgress,
} from '@fedoxnet/shared/protocol/socket-messages';
import type { CoordinatorContext } from '../context.js';
import { asFederationError, refusalOf } from '../refusal.js';
import { checkProtocol } from '../sites/protocol-version.js';
import { siteOfToken } from '../sites/site-session.js';
import { refusedHandshake } from './refused-handshake.js';
import type { SiteConnections, SiteSocket } from './site-connections.js';

const handshake = z.object({ token: z.string().min(1).max(200), protocol: z.number() });

/** What a handshake leaves for the connection that it opens. */
interface Admitted {
  readonly site: string;
  /** Before its token was looked up. */
  readonly moment: number;
}

const NOTE_EVERY_MS = 10 * 60_000;

export interface SiteNamespaceOptions {
  readonly context: CoordinatorContext;
  readonly connections: SiteConnections;
  /** For the dashboard. */
  readonly onProgress: (site: string, message: RoundProgress) => void;
}

/** Namespace `/sites`: control messages of enrolled sites. PROTOCOL.md §5. */
export function siteNamespace(io: Server, { context, connections, onProgress }: SiteNamespaceOptions): void {
  const { engine, database, log } = context;

  async function admit(socket: SiteSocket): Promise<void> {
    const auth = handshake.safeParse(socket.handshake.auth);
    if (!auth.success) throw new FederationError('SESSION_INVALID', 'The handshake carries no token.');
    checkProtocol(auth.data.protocol);
    const { moment } = connections;
    const { name } = await siteOfToken(context, auth.data.token);
    await connections.makeRoom(name).catch(async (error: unknown) => {
      await noteSecond(name, socket.handshake.address);
      throw error;
    });
    socket.data = { site: name, moment } satisfies Admitted;
  }

  /** When it was last noted of a site that its key is used twice; an agent that is refused tries again for a while. */
  const noted = new Map<string, number>();

  /** Two connections with one key at the same time: a second agent by mistake, or a copied key. */
  async function noteSecond(site: string, address: string): Promise<void> {
    const at = performance.now();
    if (at - (noted.get(site) ?? -Infinity) < NOTE_EVERY_MS) return;
    noted.set(site, at);
    log.warn({ site, address }, "a second connection with a site's key was refused while the first is alive");
    await database.transaction(({ audit }) =>
      audit.append(context.now(), 'connected-twice', { site, address }),
    );
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
          reply(refusalOf(refused));
        },
      );
    });
  }

  const namespace = io.of('/sites');
  namespace.use((socket, next) => {
    admit(socket).then(
      () => next(),
      (error: unknown) => next(refusedHandshake(error)),
    );
  });
  namespace.on('connection', (socket: SiteSocket) => {
    const { site, moment } = socket.data as Admitted;
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

type SiteMessages = Record<'site:describe' | 'round:progress' | 'round:failed', unknown>;
