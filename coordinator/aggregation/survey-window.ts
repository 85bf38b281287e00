import type { BlobStore } from '../blobs/blob-store.js';
import { trainedPart, type SumSeconds, type SumTask } from './sum-task.js';
import { emptySurvey, type Survey } from './survey.js';
import { asNamed, beginsOf, UpdateReader } from './update-reader.js';
import { elementsOf, type Window } from './windows.js';

/** Measures updates window by window; holds those of all updates only where distances are asked for. */
export class WindowSurveyor {
  readonly #task: SumTask;
  readonly #reader: UpdateReader;
  #held = new Float32Array(0);

  constructor(blobs: BlobStore, task: SumTask) {
    this.#task = task;
    this.#reader = new UpdateReader(blobs, task);
  }

  get seconds(): SumSeconds {
    const { open, used } = this.#reader.seconds;
    return { open, add: used };
  }

  /**
   * How long the updates are in a window, and how far apart.
   * @throws {UpdateRefused} the first update that cannot be read
   */
  async survey(window: Window): Promise<Survey> {
    const { updates, strategy } = this.#task;
    const count = updates.length;
    const survey = emptySurvey(count);
    const trained = trainedPart(window);
    const prototypes = window.filter((slice) => !trained.includes(slice));
    const elements = elementsOf(trained);
    const begins = beginsOf(trained);
    const holds = strategy.survey === 'distances';
    if (holds && this.#held.length < elements * count) this.#held = new Float32Array(elements * count);
    for (const [index, update] of updates.entries()) {
      await this.#reader.readUpdate(update, trained, asNamed, (at, offset, values) => {
        addTo(survey.squares, index * count + index, squaredNorm(values));
        if (holds) this.#held.set(values, index * elements + (begins[at] as number) + offset);
      });
      await this.#reader.readUpdate(update, prototypes, asNamed, (_at, _offset, values) =>
        addTo(survey.prototypeSquares, index, squaredNorm(values)),
      );
    }
    if (holds) this.#addDistances(survey.squares, count, elements);
    return survey;
  }

  #addDistances(squares: Float64Array, count: number, elements: number): void {
    const vector = (index: number): Float32Array =>
      this.#held.subarray(index * elements, (index + 1) * elements);
    for (let i = 0; i < count; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const distance = squaredDistance(vector(i), vector(j));
        squares[i * count + j] = distance;
        squares[j * count + i] = distance;
      }
    }
  }
}

function addTo(numbers: Float64Array, at: number, more: number): void {
  numbers[at] = (numbers[at] as number) + more;
}

function squaredNorm(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += (values[at] as number) ** 2;
  return sum;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] as number) - (b[at] as number);
    sum += difference * difference;
  }
  return sum;
}
