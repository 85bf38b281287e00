import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { dayOf } from './ledger-day.js';
import { kindOfRequest, type SentAbout, type SentItem, type SentKind } from './sent-item.js';

export const LEDGER_FOLDER = 'ledger';
/** More than a year, so that the same day of last year can still be shown. */
const KEEP_DAYS = 400;
/** Small messages that come by the second are written every ten seconds, as one line. */
const TALLY_MS = 10_000;

/** A request whose body, or a part of it, was handed to the system. */
export interface SentRequest {
  /** Relative to the coordinator's address. */
  readonly path: string;
  readonly body: Uint8Array;
  /** Less than the body's length when the line broke within it. */
  readonly bytes: number;
  readonly about?: SentAbout | undefined;
}

export interface LedgerOptions {
  readonly home: string;
  /** Address of the coordinator, or the destination of reports. */
  readonly to: string;
  readonly now?: () => Date;
  /** Told once when a line cannot be written, and again only after one could. */
  readonly onFault?: (error: Error) => void;
}

/**
 * What left the site: one JSON line for each body that was sent, in a file for each day, `HOME/ledger/2025-03-01.jsonl` (0600), only ever
 * appended to. A line is written in the same turn in which the body's last byte went to the system, so that killing the
 * agent cannot come between. Several processes may write side by side. Lines that a full disk refuses are kept and
 * written with the next one.
 */
export class Ledger {
  private readonly folder: string;
  private readonly to: string;
  private readonly now: () => Date;
  private readonly onFault: (error: Error) => void;
  private readonly tallies = new Map<string, Omit<SentItem, 'at'>>();
  private unwritten: SentItem[] = [];
  private today = '';
  /** The last line may have been cut off by a full disk: the next one begins anew. */
  private isTorn = false;
  private timer: NodeJS.Timeout | null = null;

  constructor({ home, to, now = () => new Date(), onFault = () => undefined }: LedgerOptions) {
    this.folder = join(home, LEDGER_FOLDER);
    this.to = to;
    this.now = now;
    this.onFault = onFault;
  }

  request({ path, body, bytes, about = {} }: SentRequest): void {
    // Chunks of an update stand under its own digest; theirs would be as much work as sealing them.
    const { digest = digestOf(body) } = about;
    this.write({
      ...{ ...kindOfRequest(path), ...about, digest },
      ...{ items: 1, bytes, to: this.to, at: this.now().toISOString() },
    });
  }

  /** A message over the socket. */
  message(what: SentKind, message: unknown, about: SentAbout = {}): void {
    const body = Buffer.from(JSON.stringify(message));
    const digest = digestOf(body);
    this.write({
      ...{ what, digest, ...about },
      ...{ items: 1, bytes: body.length, to: this.to, at: this.now().toISOString() },
    });
  }

  /** A report of findings. @param bytes of its body. @param digest SHA-256 of its file, hexadecimal */
  report(bytes: number, digest: string): void {
    this.write({
      ...{ what: 'findings report', digest, items: 1, bytes, to: this.to },
      at: this.now().toISOString(),
    });
  }

  /** One of many small messages over the socket: counted now, written within ten seconds. */
  count(what: SentKind, message: unknown, about: SentAbout): void {
    const bytes = Buffer.byteLength(JSON.stringify(message));
    const key = JSON.stringify([what, about]);
    const before = this.tallies.get(key) ?? { what, ...about, items: 0, bytes: 0, to: this.to };
    this.tallies.set(key, { ...before, items: before.items + 1, bytes: before.bytes + bytes });
    this.timer ??= setTimeout(() => this.flush(), TALLY_MS).unref();
  }

  /** Writes what was only counted so far. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const at = this.now().toISOString();
    const counted = [...this.tallies.values()];
    this.tallies.clear();
    for (const item of counted) this.write({ ...item, at });
  }

  private write(item: SentItem): void {
    const waiting = [...this.unwritten, item];
    try {
      for (const next of waiting) {
        const day = dayOf(new Date(next.at));
        if (day !== this.today) this.beginDay(day);
        const line = `${this.isTorn ? '\n' : ''}${JSON.stringify(next)}\n`;
        appendFileSync(join(this.folder, `${day}.jsonl`), line, { mode: 0o600 });
        this.isTorn = false;
        this.unwritten = this.unwritten.slice(1);
      }
    } catch (error) {
      this.isTorn = true;
      if (this.unwritten.length === 0) this.onFault(error as Error);
      this.unwritten.push(item);
    }
  }

  private beginDay(day: string): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const oldest = `${dayOf(new Date(this.now().getTime() - KEEP_DAYS * 86_400_000))}.jsonl`;
    for (const name of readdirSync(this.folder)) {
      if (/^\d{4}-\d{2}-\d{2}\.jsonl$/.test(name) && name < oldest) rmSync(join(this.folder, name));
    }
    this.today = day;
  }
}
