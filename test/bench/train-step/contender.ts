import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';

const ready = z.object({ ready: z.string() });
const block = z.object({
  seconds: z.array(z.number()),
  cpuSeconds: z.array(z.number()),
  peakRssMb: z.number(),
  parts: z.record(z.string(), z.number()).optional(),
});

/** What a contender has measured so far. */
export interface Measured {
  /** Of every step: on the wall, and of all processors together. */
  readonly seconds: number[];
  readonly cpuSeconds: number[];
  /** Of each part of a step, mean over the last block. */
  parts: Readonly<Record<string, number>>;
  peakRssMb: number;
}

/** A training step in a process of its own, which runs a block of steps whenever it is told to. */
export class Contender {
  readonly measured: Measured = { seconds: [], cpuSeconds: [], parts: {}, peakRssMb: 0 };
  private readonly answers: AsyncIterator<string>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    lines: Interface,
    /** What it says of itself. */
    public description = '',
  ) {
    this.answers = lines[Symbol.asyncIterator]();
  }

  /** @throws {FederationError} `USAGE` when the program does not come up */
  static async start(
    name: string,
    program: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
  ): Promise<Contender> {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment });
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-400)));
    child.on('error', (error) => (complaint = error.message));
    const contender = new Contender(name, child, createInterface({ input: child.stdout }));
    try {
      contender.description = ready.parse(await contender.answer()).ready;
    } catch (cause) {
      child.kill();
      const message = `${name} does not start: ${complaint.trim().split('\n').at(-1) ?? ''}`;
      throw new FederationError('USAGE', message, { cause });
    }
    return contender;
  }

  async run(steps: number): Promise<void> {
    const { seconds, cpuSeconds, peakRssMb, parts } = block.parse(await this.ask(`block ${steps}`));
    this.measured.seconds.push(...seconds);
    this.measured.cpuSeconds.push(...cpuSeconds);
    this.measured.peakRssMb = peakRssMb;
    if (parts !== undefined) this.measured.parts = parts;
  }

  async ask(question: string): Promise<unknown> {
    this.child.stdin!.write(`${question}\n`);
    return await this.answer();
  }

  stop(): void {
    this.child.stdin!.end();
    this.child.kill();
  }

  private async answer(): Promise<unknown> {
    const line = await this.answers.next();
    if (line.done) throw new Error(`${this.name} ended`);
    return JSON.parse(line.value) as unknown;
  }
}
