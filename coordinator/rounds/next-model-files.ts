import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import type { WeightShapes } from '@fedoxnet/shared/weights/weight-map';
import { sumTaskOf, type SumOrder } from '../aggregation/sum-messages.js';
import { companionNames, isTrained } from '../aggregation/sum-task.js';
import type { BlobStore } from '../blobs/blob-store.js';
import type { ScratchFile } from '../blobs/scratch-file.js';

/** The part of a file that comes of one array of each window, over all tensors that it covers. */
interface Part {
  readonly scratch: ScratchFile;
  readonly shapes: WeightShapes;
}

type HeaderOf = (shapes: WeightShapes) => Uint8Array;

/**
 * Where the parts of a sum wait until all windows are done: the weights, the arrays of the server's optimiser, and SCAFFOLD's
 * control variates. Each part lies in scratch of its own, because it has to follow the whole of the one before.
 */
export class NextModelFiles {
  private constructor(
    private readonly parts: readonly Part[],
    private readonly states: number,
    private readonly last: boolean,
  ) {}

  /** @param last nobody will train from this release: its controls are left out, and no state is kept */
  static async create(
    order: SumOrder,
    blobs: BlobStore,
    { last }: { readonly last: boolean },
  ): Promise<NextModelFiles> {
    const task = sumTaskOf(order);
    const tensors = [...task.model.tensors.values()];
    const trained = tensors.filter(isTrained);
    const shapes = [
      new Map(tensors.map(({ name, shape }) => [name, shape])),
      ...companionNames(task).map(
        (nameOf) => new Map(trained.map(({ name, shape }) => [nameOf(name), shape])),
      ),
    ];
    const parts: Part[] = [];
    for (const own of shapes) parts.push({ scratch: await blobs.scratch(), shapes: own });
    return new NextModelFiles(parts, task.strategy.server.state.length, last);
  }

  /** Whether there is a state that a next round would begin from. */
  get hasState(): boolean {
    return this.states > 0 && !this.last;
  }

  /** @param window parts of the next window, in the order of `companionNames` behind the weights */
  async append(window: readonly Float32Array[]): Promise<void> {
    for (const [at, values] of window.entries())
      await this.parts[at]?.scratch.append(bytesFromFloats(values));
  }

  readRelease(headerOf: HeaderOf): AsyncGenerator<Uint8Array> {
    const [weights, ...others] = this.parts;
    const controls = this.last ? [] : others.slice(this.states);
    return read([weights as Part, ...controls], headerOf);
  }

  readState(headerOf: HeaderOf): AsyncGenerator<Uint8Array> {
    return read(this.parts.slice(1, 1 + this.states), headerOf);
  }

  async remove(): Promise<void> {
    for (const { scratch } of this.parts) await scratch.remove();
  }
}

async function* read(parts: readonly Part[], headerOf: HeaderOf): AsyncGenerator<Uint8Array> {
  yield headerOf(new Map(parts.flatMap(({ shapes }) => [...shapes])));
  for (const { scratch } of parts) yield* scratch.read();
}
