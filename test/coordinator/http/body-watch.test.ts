import { EventEmitter } from 'node:events';
import type { Request, Response } from 'express';
import { expect } from 'chai';
import { BodyWatch } from '@fedoxnet/coordinator/http/body-watch';

/** What the watch sees of a request: its headers, the bytes of its connection, and how it ends. */
class Trickle extends EventEmitter {
  readonly method = 'PUT';
  readonly path = '/v1/uploads/u/chunks/0';
  readonly socket: { bytesRead: number; destroy(): void };
  ended = false;
  answer: { status: number; code: string } | null = null;
  readonly headers: Record<string, string>;

  constructor(headers: Record<string, string> = { 'content-length': '4194320' }) {
    super();
    this.headers = headers;
    this.socket = { bytesRead: 500, destroy: () => (this.ended = true) };
  }

  get response(): Response {
    const finished = new EventEmitter();
    return Object.assign(finished, {
      headersSent: false,
      set: () => this.response,
      status: (status: number) => ({
        json: ({ error }: { error: { code: string } }) => {
          this.answer = { status, code: error.code };
        },
      }),
    }) as unknown as Response;
  }
}

describe('the watch over bodies', () => {
  let now: number;
  let watch: BodyWatch;
  let ended: string[];
  beforeEach(() => {
    now = 0;
    ended = [];
    const limits = { graceMs: 60_000, bodyRate: 4_000, everyMs: 1_000_000 };
    watch = new BodyWatch(
      limits,
      () => now,
      (_request, { code }) => ended.push(code),
    );
  });
  const begin = (trickle: Trickle): Trickle => {
    let passed = false;
    void watch.handler(trickle as unknown as Request, trickle.response, () => (passed = true));
    expect(passed).to.equal(true);
    return trickle;
  };
  const after = (ms: number, trickle: Trickle, bytes: number): unknown => {
    now = ms;
    trickle.socket.bytesRead = 500 + bytes;
    watch.sweep();
    return trickle.answer;
  };

  it('lets a body rest for a minute, then wants four kilobytes for each second since', () => {
    const trickle = begin(new Trickle());
    expect(after(60_000, trickle, 0)).to.equal(null);
    expect(after(70_000, trickle, 40_000), '10 s at 4 kB/s').to.equal(null);
    expect(after(80_000, trickle, 80_000)).to.equal(null);
    expect(ended).to.deep.equal([]);
    expect(after(80_001, trickle, 80_000)).to.deep.equal({ status: 408, code: 'TOO_SLOW' });
    expect(ended, 'for the audit log').to.deep.equal(['TOO_SLOW']);
  });

  it('counts on average: what came fast at first may rest later', () => {
    const trickle = begin(new Trickle());
    expect(after(1_000, trickle, 400_000)).to.equal(null);
    expect(after(160_000, trickle, 400_000)).to.equal(null);
    expect(after(161_000, trickle, 400_000)).to.not.equal(null);
  });

  it('looks no longer at a body that has come, or whose connection ended', () => {
    for (const event of ['end', 'close']) {
      const trickle = begin(new Trickle());
      trickle.emit(event);
      expect(after(now + 1e9, trickle, 0), event).to.equal(null);
    }
  });

  it('leaves requests without a body alone, and watches those of unknown length', () => {
    expect(after(1e6, begin(new Trickle({})), 0)).to.equal(null);
    now = 0;
    const chunked = begin(new Trickle({ 'transfer-encoding': 'chunked' }));
    expect(after(1e6, chunked, 0)).to.deep.equal({ status: 408, code: 'TOO_SLOW' });
  });
});
