import { parentPort } from 'node:worker_threads';
import { BlockingBlobReader } from '../blobs/blocking-blob-reader.js';
import { sumTaskOf, type SumOrder, type SumReply, type SumRequest } from './sum-messages.js';
import { UpdateRefused } from './sum-task.js';
import { WindowSummer } from './sum-window.js';
import { WindowSurveyor } from './survey-window.js';
import { longestOf } from './windows.js';
import { windowsOfOrder } from './windows-of-order.js';

/** A thread that works on windows of one round after another, so that the coordinator answers its sites meanwhile. */
class SummedRound {
  readonly #windows;
  readonly #task;
  readonly #blobs;
  /** Made when they are first needed: they hold memory for a window. */
  #surveyor: WindowSurveyor | undefined;
  #summer: WindowSummer | undefined;

  constructor(order: SumOrder) {
    this.#windows = { survey: windowsOfOrder(order, 'survey'), sum: windowsOfOrder(order, 'sum') };
    this.#task = sumTaskOf(order);
    this.#blobs = new BlockingBlobReader(order.blobs);
  }

  async survey(index: number): Promise<SumReply> {
    const { survey: windows } = this.#windows;
    this.#surveyor ??= new WindowSurveyor(this.#blobs, this.#task, longestOf(windows));
    const survey = await this.#surveyor.survey(windows[index] ?? []);
    return { kind: 'surveyed', survey, seconds: this.#surveyor.seconds };
  }

  async sum(index: number, { verdict, target }: Extract<SumRequest, { kind: 'sum' }>): Promise<SumReply> {
    const { sum: windows } = this.#windows;
    this.#summer ??= new WindowSummer(this.#blobs, this.#task, longestOf(windows));
    await this.#summer.sum(windows[index] ?? [], verdict, target);
    return { kind: 'summed', target, seconds: this.#summer.seconds };
  }
}

let round: SummedRound | null = null;

async function obey(request: SumRequest): Promise<SumReply> {
  switch (request.kind) {
    case 'begin':
      round = new SummedRound(request.order);
      return { kind: 'ready' };
    case 'end':
      round = null;
      return { kind: 'ready' };
    case 'survey':
    case 'sum':
      if (round === null) throw new TypeError('no round was begun');
      return request.kind === 'sum' ? round.sum(request.window, request) : round.survey(request.window);
  }
}

function failure(error: unknown): SumReply {
  if (error instanceof UpdateRefused) return { kind: 'refused', site: error.site, reason: error.reason };
  return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
}

parentPort?.on('message', (request: SumRequest) => {
  void obey(request)
    .catch(failure)
    .then((reply) => {
      const moved = reply.kind === 'summed' ? [reply.target.buffer as ArrayBuffer] : [];
      parentPort?.postMessage(reply, moved);
    });
});
