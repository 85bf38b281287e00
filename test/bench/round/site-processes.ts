import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SiteReport, SiteStart } from './site-messages.js';

const ENTRY = fileURLToPath(new URL('site-process.js', import.meta.url));

/** The processes that play the sites of one run. */
export class SiteProcesses {
  readonly #children: ChildProcess[] = [];
  readonly #ended: Promise<void>[] = [];
  /** Sums over all sites. */
  readonly phases: Record<string, number> = {};
  cpuSeconds = 0;
  peakRssMb = 0;

  /** @param profile folder for a CPU profile, null for none */
  start(start: SiteStart, profile: string | null): void {
    const execArgv = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const child = fork(ENTRY, [], { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#children.push(child);
    child.on('message', (message) => this.#note(message as SiteReport));
    this.#ended.push(
      new Promise((resolve, reject) => {
        child.once('exit', (code) =>
          code === 0 ? resolve() : reject(new Error(`${start.site} ended with status ${code}`)),
        );
      }),
    );
    child.send(start);
  }

  get pids(): number[] {
    return this.#children.map(({ pid }) => pid ?? 0);
  }

  /** Rejects when one of them ends badly. */
  async ended(): Promise<void> {
    await Promise.all(this.#ended);
  }

  kill(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  #note(report: SiteReport): void {
    if (report.kind === 'ended') {
      this.cpuSeconds += report.cpuSeconds;
      this.peakRssMb = Math.max(this.peakRssMb, report.peakRssMb);
      return;
    }
    for (const [phase, seconds] of Object.entries(report.seconds)) {
      this.phases[phase] = (this.phases[phase] ?? 0) + seconds;
    }
  }
}
