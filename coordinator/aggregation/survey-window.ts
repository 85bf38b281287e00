import { sumOfSquares } from '@fedoxnet/shared/weights/sum-of-squares';
import type { BlobReader } from '../blobs/blob-store.js';
import { trainedPart, type SumSeconds, type SumTask } from './sum-task.js';
import { emptySurvey, type Survey } from './survey.js';
import { asNamed, beginsOf, UpdateReader } from './update-reader.js';
import { elementsOf, type Window } from './windows.js';

/** Measures updates window by window; holds those of all updates only where distances are asked for. */
export class WindowSurveyor {
  readonly #task: SumTask;
  readonly #reader: UpdateReader;
  /** Memory of the longest window; all use it. */
  readonly #held: Float32Array;

  /** @param longest numbers of the longest window */
  constructor(blobs: BlobReader, task: SumTask, longest: number) {
    this.#task = task;
    const holds = task.strategy.survey === 'distances';
    this.#held = new Float32Array(holds ? longest * task.updates.length : 0);
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
    for (const [index, update] of updates.entries()) {
      await this.#reader.readUpdate(update, trained, asNamed, (at, offset, values) => {
        addTo(survey.squares, index * count + index, sumOfSquares(values));
        if (holds) this.#held.set(values, index * elements + (begins[at] as number) + offset);
      });
      await this.#reader.readUpdate(update, prototypes, asNamed, (_at, _offset, values) =>
        addTo(survey.prototypeSquares, index, sumOfSquares(values)),
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

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] as number) - (b[at] as number);
    sum += difference * difference;
  }
  return sum;
}
