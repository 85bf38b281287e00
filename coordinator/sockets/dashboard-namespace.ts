import type { Namespace, Server } from 'socket.io';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { RoundProgress } from '@fedoxnet/shared/protocol/socket-messages';
import type { CoordinatorContext } from '../context.js';
import { refusalOf } from '../refusal.js';
import { isViewerToken } from '../access.js';

const handshake = z.object({ token: z.string().min(1).max(200) });

/** Two a second are as live as a person can follow. */
const STATUS_INTERVAL_MS = 500;

/** Namespace `/dashboard`: sends `status` when a study has changed and `progress` as sites report it. */
export class DashboardNamespace {
  readonly #context: CoordinatorContext;
  readonly #namespace: Namespace;
  /** Studies whose next status is already due. */
  readonly #due = new Map<string, NodeJS.Timeout>();
  readonly #sentAt = new Map<string, number>();

  constructor(io: Server, context: CoordinatorContext) {
    this.#context = context;
    this.#namespace = io.of('/dashboard');
    this.#namespace.use((socket, next) => {
      const auth = handshake.safeParse(socket.handshake.auth);
      if (auth.success && isViewerToken(context.tokens, auth.data.token)) return next();
      const refused = new FederationError('FORBIDDEN', 'This needs the viewer token.');
      next(Object.assign(new Error(refused.message), { data: refusalOf(refused) }));
    });
    this.#namespace.on('connection', (socket) => {
      const sendAll = async (): Promise<void> => {
        for (const { name } of await context.database.stores.studies.all()) {
          socket.emit('status', await context.status.read(name));
        }
      };
      sendAll().catch((error: unknown) => context.log.error({ err: error }, 'no status for a dashboard'));
    });
  }

  /** Something about the study has changed. Cheap to call, however often. */
  changed(study: string): void {
    if (this.#due.has(study) || this.#namespace.sockets.size === 0) return;
    const wait = Math.max(0, (this.#sentAt.get(study) ?? 0) + STATUS_INTERVAL_MS - Date.now());
    this.#due.set(
      study,
      setTimeout(() => this.#send(study), wait),
    );
  }

  progress(site: string, message: RoundProgress): void {
    this.#namespace.emit('progress', { site, ...message });
  }

  close(): void {
    for (const timer of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
  }

  #send(study: string): void {
    this.#due.delete(study);
    this.#sentAt.set(study, Date.now());
    this.#context.status.read(study).then(
      (status) => this.#namespace.emit('status', status),
      (error: unknown) => this.#context.log.error({ err: error, study }, 'no status for the dashboards'),
    );
  }
}
