import type { Namespace, Server, Socket } from 'socket.io';
import { z } from 'zod';
import type { RoundProgress } from '@fedoxnet/shared/protocol/socket-messages';
import type { CoordinatorContext } from '../context.js';
import { actorOf, requirePermission } from '../people/access.js';
import type { Actor } from '../people/roles.js';
import { consortiumCensus } from '../studies/consortium-census.js';
import { refusedHandshake } from './refused-handshake.js';
import { ShutOuts } from './shut-outs.js';

/** The session's cookie serves instead of a token. */
const handshake = z.object({ token: z.string().min(1).max(200).optional() });

/** What a handshake leaves for the connection that it opens. */
interface Admitted {
  readonly actor: Actor;
  /** Before the token or session was looked up. */
  readonly moment: number;
}

/** Two a second are as live as a person can follow. */
const STATUS_INTERVAL_MS = 500;

/** Namespace `/dashboard`: `status` when a study has changed, `progress` as sites report it, `census` when one came or went. */
export class DashboardNamespace {
  readonly #context: CoordinatorContext;
  readonly #namespace: Namespace;
  /** Studies whose next status is already due. */
  readonly #due = new Map<string, NodeJS.Timeout>();
  readonly #sentAt = new Map<string, number>();
  readonly #shutOuts = new ShutOuts();

  constructor(io: Server, context: CoordinatorContext) {
    this.#context = context;
    this.#namespace = io.of('/dashboard');
    this.#namespace.use((socket, next) => {
      this.#admit(socket).then(
        () => next(),
        (error: unknown) => next(refusedHandshake(context, socket, error)),
      );
    });
    this.#namespace.on('connection', (socket) => {
      const { actor, moment } = socket.data as Admitted;
      if (this.#shutOuts.since(moment, actor.name)) {
        socket.disconnect(true);
        return;
      }
      const sendAll = async (): Promise<void> => {
        for (const { name } of await context.database.stores.studies.all()) {
          socket.emit('status', await context.status.read(name));
        }
        for (const study of await context.database.stores.studies.all()) {
          socket.emit('census', await consortiumCensus(context.database.stores, study));
        }
      };
      sendAll().catch((error: unknown) => context.log.error({ err: error }, 'no status for a dashboard'));
    });
  }

  /** Ends what this person has open: who was shut out must not go on watching. */
  disconnectPerson(person: string): void {
    this.#shutOuts.add(person);
    for (const socket of this.#namespace.sockets.values()) {
      if ((socket.data as Admitted).actor.name === person) socket.disconnect(true);
    }
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

  /** Rare, so it is sent at once and whole. */
  censusChanged(study: string): void {
    if (this.#namespace.sockets.size === 0) return;
    const { stores } = this.#context.database;
    const send = async (): Promise<void> => {
      const row = await stores.studies.find(study);
      if (row !== null) this.#namespace.emit('census', await consortiumCensus(stores, row));
    };
    send().catch((error: unknown) =>
      this.#context.log.error({ err: error, study }, 'no census for the dashboards'),
    );
  }

  progress(site: string, message: RoundProgress): void {
    this.#namespace.emit('progress', { site, ...message });
  }

  close(): void {
    for (const timer of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
  }

  async #admit(socket: Socket): Promise<void> {
    const { moment } = this.#shutOuts;
    const auth = handshake.safeParse(socket.handshake.auth);
    const token = auth.success ? auth.data.token : undefined;
    const actor = await actorOf(this.#context, token, socket.handshake.headers);
    socket.data = { actor: requirePermission(actor, 'look'), moment } satisfies Admitted;
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
