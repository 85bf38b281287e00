import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FederationError, isErrorCode } from '@fedoxnet/shared/errors';
import { threadVariables } from '../../agent/thread-variables.js';
import { examineReply, type ExamineOrder, type ExamineReply } from './ipc.js';

const ENTRY = fileURLToPath(new URL('./main.js', import.meta.url));
/** It holds a network in memory, which the trainer may need. */
const IDLE_MS = 120_000;
/** Below the trainer and the agent, as `nice` counts. */
const NICE = 10;

export type Examined = Extract<ExamineReply, { kind: 'examined' }>;

/** The examiner: a child process that is forked when somebody looks at a film, and ends when nobody does. */
export class ExaminerProcess {
  private child: ChildProcess | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | null = null;
  private readonly killOnExit = () => this.child?.kill('SIGKILL');

  constructor() {
    process.on('exit', this.killOnExit);
  }

  /**
   * Orders are done one after the other.
   * @param isWanted asked when its turn has come: whoever turned to another film does not wait for this one
   * @returns null when it was not wanted any more
   * @throws {FederationError} the examiner's own code, or `TRAINER_DIED`
   */
  examine(order: ExamineOrder, isWanted: () => boolean): Promise<Examined | null> {
    const done = this.turn.then(() => (isWanted() ? this.run(order) : null));
    this.turn = done.catch(() => undefined);
    return done;
  }

  close(): void {
    if (this.idle !== null) clearTimeout(this.idle);
    process.off('exit', this.killOnExit);
    this.end();
  }

  private async run(order: ExamineOrder): Promise<Examined> {
    if (this.idle !== null) clearTimeout(this.idle);
    const child = (this.child ??= this.start());
    const reply = await new Promise<ExamineReply>((resolve, reject) => {
      const onMessage = (message: unknown): void => {
        child.off('exit', onExit);
        const parsed = examineReply.safeParse(message);
        if (parsed.success) resolve(parsed.data);
        else reject(new FederationError('TRAINER_DIED', 'The examiner said something unreadable.'));
      };
      const onExit = (code: number | null, signal: string | null): void => {
        child.off('message', onMessage);
        this.child = null;
        reject(new FederationError('TRAINER_DIED', `The examiner ended with ${signal ?? `status ${code}`}.`));
      };
      child.once('message', onMessage);
      child.once('exit', onExit);
      child.send(order);
    });
    this.idle = setTimeout(() => this.end(), IDLE_MS).unref();
    if (reply.kind === 'examined') return reply;
    throw new FederationError(isErrorCode(reply.code) ? reply.code : 'INTERNAL', reply.message);
  }

  private start(): ChildProcess {
    const env = { ...process.env, ...threadVariables(1) };
    // What TensorFlow prints about itself is of no use here: failures come as replies.
    const child = fork(ENTRY, { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    if (child.pid !== undefined) lower(child.pid);
    return child;
  }

  private end(): void {
    this.child?.kill('SIGKILL');
    this.child = null;
  }
}

/** Where the system does not allow it, it runs as fast as everybody. */
function lower(pid: number): void {
  try {
    setPriority(pid, NICE);
  } catch {
    // not allowed, or gone already
  }
}
