import { formatBytes } from './text-table.js';

/** What a site is doing now. */
export interface SiteNow {
  readonly round: number;
  readonly phase: string;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly filmsPerSecond: number;
  readonly bytesSent: number;
}

/** The part of a terminal that the board writes to. */
export interface BoardStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Without a terminal, each site has a line this often, ms. */
const PLAIN_EVERY = 10_000;

/** One live line per site at the foot of a terminal; elsewhere a plain line per site now and then. */
export class LiveBoard {
  private readonly now = new Map<string, SiteNow | null>();
  private readonly plainAt = new Map<string, number>();
  private drawn = 0;

  constructor(
    private readonly stream: BoardStream,
    sites: readonly string[],
    private readonly clock: () => number = () => performance.now(),
  ) {
    for (const site of sites) this.now.set(site, null);
  }

  update(site: string, now: SiteNow): void {
    this.now.set(site, now);
    if (this.stream.isTTY === true) {
      this.erase();
      this.draw();
      return;
    }
    const last = this.plainAt.get(site);
    if (last !== undefined && this.clock() - last < PLAIN_EVERY) return;
    this.plainAt.set(site, this.clock());
    this.stream.write(`${siteLine(site, now)}\n`);
  }

  /** Prints lines that stay, above the board. */
  print(text: string): void {
    this.erase();
    this.stream.write(`${text}\n`);
    this.draw();
  }

  /** Takes the live lines away. */
  close(): void {
    this.erase();
    this.now.clear();
  }

  private erase(): void {
    if (this.drawn > 0) this.stream.write(`\x1b[${this.drawn}A\x1b[0J`);
    this.drawn = 0;
  }

  private draw(): void {
    if (this.stream.isTTY !== true) return;
    const lines = [...this.now].filter(([, now]) => now !== null).map(([site, now]) => siteLine(site, now));
    if (lines.length > 0) this.stream.write(`${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }
}

function siteLine(site: string, now: SiteNow | null): string {
  if (now === null) return site;
  const loss = now.loss === null ? '' : `loss ${now.loss.toFixed(3)}`;
  const speed = now.filmsPerSecond > 0 ? `${now.filmsPerSecond.toFixed(1)} films/s` : '';
  const cells = [
    site.padEnd(8),
    `round ${String(now.round).padStart(2)}`,
    now.phase.padEnd(9),
    `${now.step}/${now.steps}`.padStart(9),
    loss.padStart(11),
    speed.padStart(14),
    `${formatBytes(now.bytesSent)} sent`.padStart(14),
  ];
  return cells.join('  ').trimEnd();
}
