import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import { safetensorsHeader, type SafetensorsMetadata } from '@fedoxnet/shared/weights/safetensors-header';
import type { WeightShapes } from '@fedoxnet/shared/weights/weight-map';
import { companionNames, isTrained, type SumTask } from '../aggregation/sum-task.js';
import type { BlobStore } from '../blobs/blob-store.js';
import type { Scratch } from '../blobs/scratch.js';
import type { Plaintext } from '../releases/seal-release.js';

/** What comes of one array of each window, over all tensors that it covers. */
interface Part {
  readonly shapes: WeightShapes;
  readonly scratch: Scratch;
}

/**
 * A safetensors file whose parts grow side by side, each in scratch of its own, because it has to follow the whole of the one
 * before. What lies first in the file goes into its digest as it comes: who seals it then reads it once.
 */
class GrowingFile {
  readonly #header: Uint8Array;
  readonly #parts: readonly Part[];
  readonly #digest = new RunningDigest();
  #bytes = 0;

  constructor(parts: readonly Part[], metadata: SafetensorsMetadata) {
    this.#parts = parts;
    this.#header = safetensorsHeader(new Map(parts.flatMap(({ shapes }) => [...shapes])), metadata);
    this.#count(this.#header);
  }

  async append(part: number, bytes: Uint8Array): Promise<void> {
    const written = this.#parts[part]?.scratch.append(bytes);
    if (part === 0) this.#count(bytes);
    await written;
  }

  /** Of the whole file. May be called once. */
  async finish(): Promise<Plaintext> {
    for (const { scratch } of this.#parts.slice(1))
      for await (const piece of scratch.read()) this.#count(piece);
    return { digest: this.#digest.hex(), bytes: this.#bytes, pieces: () => this.#drain() };
  }

  async remove(): Promise<void> {
    for (const { scratch } of this.#parts) await scratch.remove();
  }

  #count(bytes: Uint8Array): void {
    this.#digest.update(bytes);
    this.#bytes += bytes.byteLength;
  }

  async *#drain(): AsyncGenerator<Uint8Array> {
    yield this.#header;
    for (const { scratch } of this.#parts) yield* scratch.drain();
  }
}

/**
 * The files that a round's sum makes, window by window: the release, which is the weights and SCAFFOLD's control variates, and
 * the arrays of the server's optimiser.
 */
export class NextModelFiles {
  private constructor(
    private readonly weights: GrowingFile,
    private readonly optimizer: GrowingFile | null,
    private readonly states: number,
  ) {}

  /** @param last nobody will train from this release: its controls are left out, and no state is kept */
  static create(
    task: Pick<SumTask, 'model' | 'strategy' | 'controls'>,
    blobs: BlobStore,
    { last, metadata }: { readonly last: boolean; readonly metadata: SafetensorsMetadata },
  ): NextModelFiles {
    const tensors = [...task.model.tensors.values()];
    const trained = tensors.filter(isTrained);
    const part = (covered: typeof tensors, nameOf: (tensor: string) => string): Part => ({
      shapes: new Map(covered.map(({ name, shape }) => [nameOf(name), shape])),
      scratch: blobs.scratch(),
    });
    const weights = part(tensors, (name) => name);
    const companions = last ? [] : companionNames(task).map((nameOf) => part(trained, nameOf));
    const states = task.strategy.server.state.length;
    const [state, controls] = [companions.slice(0, states), companions.slice(states)];
    return new NextModelFiles(
      new GrowingFile([weights, ...controls], metadata),
      state.length > 0 ? new GrowingFile(state, metadata) : null,
      states,
    );
  }

  /** @param window parts of the next window, in the order of `companionNames` behind the weights */
  async append(window: readonly Float32Array[]): Promise<void> {
    for (const [at, values] of window.entries()) {
      const bytes = bytesFromFloats(values);
      if (at === 0) await this.weights.append(0, bytes);
      else if (at <= this.states) await this.optimizer?.append(at - 1, bytes);
      else await this.weights.append(at - this.states, bytes);
    }
  }

  release(): Promise<Plaintext> {
    return this.weights.finish();
  }

  /** @returns null when there is none that a next round would begin from */
  async state(): Promise<Plaintext | null> {
    return this.optimizer?.finish() ?? null;
  }

  async remove(): Promise<void> {
    await this.weights.remove();
    await this.optimizer?.remove();
  }
}
