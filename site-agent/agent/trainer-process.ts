import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FederationError, isErrorCode } from '@fedoxnet/shared/errors';
import { trainerEvent, type TrainerCommand, type TrainerEvent } from '../trainer/ipc.js';

type CommandOf<K extends TrainerCommand['kind']> = Extract<TrainerCommand, { kind: K }>;
type EventOf<K extends TrainerEvent['kind']> = Extract<TrainerEvent, { kind: K }>;
export type Preparation = Omit<CommandOf<'prepare'>, 'kind'>;
export type Prepared = EventOf<'prepared'>;
export type TrainerProgress = EventOf<'progress'>;

export interface TrainerOptions {
  /** The program that obeys trainer/ipc.ts. */
  readonly entry: string;
  /** Added to the agent's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Every line the trainer prints; it never reaches the agent's stdout. */
  readonly onOutput: (line: string) => void;
  /** Called whenever a trainer has loaded backend, films and model. */
  readonly onPrepared?: (prepared: Prepared) => void;
}

export const TRAINER_ENTRY = fileURLToPath(new URL('../trainer/main.js', import.meta.url));

export interface RunOptions {
  /** Aborting kills the trainer: a training step cannot be interrupted in any other way. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: TrainerProgress) => void;
}

/** The trainer: a child process that is forked when it is needed, prepared for one study, and forked again after it died. */
export class TrainerProcess {
  private child: ChildProcess | null = null;
  private preparedFor: string | null = null;
  private prepared: Prepared | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private lastLine = '';
  private readonly killOnExit = () => this.child?.kill('SIGKILL');

  constructor(private readonly options: TrainerOptions) {
    process.on('exit', this.killOnExit);
  }

  /** Loads backend, films and model for a study; does nothing when they are loaded. */
  prepare(preparation: Preparation, options: RunOptions): Promise<Prepared> {
    return this.exclusively(() => this.ensurePrepared(preparation, options));
  }

  /** @throws {FederationError} the trainer's own code, or `TRAINER_DIED` */
  train(
    preparation: Preparation,
    command: Omit<CommandOf<'train'>, 'kind'>,
    options: RunOptions,
  ): Promise<EventOf<'trained'>> {
    return this.exclusively(async () => {
      await this.ensurePrepared(preparation, options);
      return this.run({ kind: 'train', ...command }, 'trained', options);
    });
  }

  /** @throws {FederationError} the trainer's own code, or `TRAINER_DIED` */
  evaluate(
    preparation: Preparation,
    command: Omit<CommandOf<'evaluate'>, 'kind'>,
    options: RunOptions,
  ): Promise<EventOf<'evaluated'>> {
    return this.exclusively(async () => {
      await this.ensurePrepared(preparation, options);
      return this.run({ kind: 'evaluate', ...command }, 'evaluated', options);
    });
  }

  /** Ends the trainer and frees its memory; the next command forks a new one. */
  async stop(): Promise<void> {
    const child = this.child;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    process.off('exit', this.killOnExit);
    await this.stop();
  }

  private exclusively<T>(task: () => Promise<T>): Promise<T> {
    const result = this.turn.then(task);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async ensurePrepared(preparation: Preparation, options: RunOptions): Promise<Prepared> {
    const key = JSON.stringify(preparation);
    if (this.child !== null && this.preparedFor === key && this.prepared !== null) return this.prepared;
    // Another study, other weights in memory: a fresh process is the simplest way to free them.
    if (this.preparedFor !== null) await this.stop();
    const prepared = await this.run({ kind: 'prepare', ...preparation }, 'prepared', options);
    this.preparedFor = key;
    this.prepared = prepared;
    this.options.onPrepared?.(prepared);
    return prepared;
  }

  private run<K extends TrainerEvent['kind']>(
    command: TrainerCommand,
    answer: K,
    { signal, onProgress }: RunOptions,
  ): Promise<EventOf<K>> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const child = (this.child ??= this.fork());
      const settle = (finish: () => void) => {
        child.off('message', onMessage);
        child.off('exit', onExit);
        signal.removeEventListener('abort', onAbort);
        finish();
      };
      const onMessage = (message: unknown) => {
        const parsed = trainerEvent.safeParse(message);
        if (!parsed.success) {
          child.kill('SIGKILL');
          return settle(() => reject(died('sent a message that cannot be read', this.lastLine)));
        }
        const event = parsed.data;
        if (event.kind === 'progress') onProgress?.(event);
        else if (event.kind === 'failed') settle(() => reject(failure(event)));
        else if (event.kind === answer) settle(() => resolve(event as EventOf<K>));
      };
      const onExit = (code: number | null, by: NodeJS.Signals | null) =>
        settle(() =>
          reject(died(by === null ? `ended with status ${code}` : `was ended by ${by}`, this.lastLine)),
        );
      const onAbort = () => {
        child.off('exit', onExit);
        child.once('exit', () => settle(() => reject(signal.reason as Error)));
        child.kill('SIGKILL');
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
      signal.addEventListener('abort', onAbort, { once: true });
      child.send(command, (error) => {
        // The channel closes just before `exit` is emitted, which says more.
        if (error !== null) child.kill('SIGKILL');
      });
    });
  }

  private fork(): ChildProcess {
    const child = fork(this.options.entry, [], {
      env: { ...process.env, ...this.options.env },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() !== '') this.lastLine = line.trim();
        this.options.onOutput(line);
      });
    }
    child.once('exit', () => {
      this.child = null;
      this.preparedFor = null;
      this.prepared = null;
    });
    return child;
  }
}

function failure(event: EventOf<'failed'>): FederationError {
  return new FederationError(isErrorCode(event.code) ? event.code : 'INTERNAL', event.message);
}

function died(how: string, lastLine: string): FederationError {
  const said = lastLine === '' ? '' : ` Its last line: ${lastLine.slice(0, 300)}`;
  return new FederationError('TRAINER_DIED', `The trainer ${how}.${said}`);
}
