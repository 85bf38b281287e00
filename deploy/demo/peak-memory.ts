import { readFileSync } from 'node:fs';

/** Peak resident memory of a process and of its children, in MB. */
export interface PeakMemory {
  readonly self: number;
  /** The largest child: the trainer of a site agent. */
  readonly child: number;
}

/**
 * Follows the peak resident memory of processes through Linux's /proc (VmHWM, the kernel's own high-water mark), so
 * that sampling every few seconds misses nothing but the last instants. Elsewhere it stays empty.
 */
export class PeakMemoryWatch {
  private readonly peaks = new Map<string, PeakMemory>();
  private readonly watched = new Map<string, number>();
  private readonly timer = setInterval(() => this.sample(), 1000);

  constructor() {
    this.timer.unref();
  }

  watch(name: string, pid: number): void {
    this.watched.set(name, pid);
  }

  /** By the name given to `watch`. */
  results(): ReadonlyMap<string, PeakMemory> {
    this.sample();
    return this.peaks;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private sample(): void {
    for (const [name, pid] of this.watched) {
      const self = highWaterMb(pid);
      if (self === null) continue;
      const known = this.peaks.get(name) ?? { self: 0, child: 0 };
      const child = Math.max(known.child, ...childrenOf(pid).map((id) => highWaterMb(id) ?? 0));
      this.peaks.set(name, { self: Math.max(known.self, self), child });
    }
  }
}

function highWaterMb(pid: number): number | null {
  try {
    const kb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? null : Math.round(Number(kb) / 1024);
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}
