import { FederationError } from '@fedoxnet/shared/errors';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import { SafetensorsStream } from '@fedoxnet/shared/weights/safetensors';
import type { SafetensorsLayout } from '@fedoxnet/shared/weights/safetensors-header';
import { sumOfSquares } from '@fedoxnet/shared/weights/sum-of-squares';
import {
  encodedEntries,
  scaleCodes,
  scaleName,
  type EncodedEntry,
} from '@fedoxnet/shared/weights/update-encoding';
import { whyMassesMisfit } from '@fedoxnet/shared/weights/masses-fit-plan';
import type { WeightShapes } from '@fedoxnet/shared/weights/weight-map';

export interface ExpectedUpdate {
  readonly header: UpdateHeader;
  readonly plan: StudyPlan;
  /** Of the model, in file order. */
  readonly shapes: WeightShapes;
}

/**
 * Looks at an update while it comes in, piece by piece, before anything of it is added to anything: names, shapes and
 * number formats must be those of model and plan, every number finite, the norm of the whole within the plan's bound,
 * and the digest that of its header. Holds the scales of an int8 update, else nothing.
 */
export class UpdateCheck {
  readonly #expected: ExpectedUpdate;
  readonly #maxNorm: number;
  readonly #digest = new RunningDigest();
  readonly #stream: SafetensorsStream;
  readonly #entries: readonly EncodedEntry[];
  readonly #scales = new Map<string, Float32Array>();
  /** Σ Δ² so far. */
  #squares = 0;

  /** @throws {FederationError} `WEIGHTS_INVALID` when the masses do not fit the plan */
  constructor(expected: ExpectedUpdate) {
    this.#expected = expected;
    const { header, plan, shapes } = expected;
    const misfit = whyMassesMisfit(header.masses, plan);
    if (misfit !== null) throw this.#invalid(misfit);
    const { scales, maxNorm } = transferOf(plan);
    this.#maxNorm = maxNorm;
    this.#entries = encodedEntries(shapes, { encoding: header.encoding, scales });
    this.#stream = new SafetensorsStream({
      onHeader: (_shapes, _metadata, layout) => this.#checkLayout(layout),
      onValues: (name, offset, values) => this.#look(name, offset, values),
    });
  }

  /**
   * @param plaintext what follows in the file
   * @throws {FederationError} `WEIGHTS_INVALID`, `UPDATE_TOO_LONG`
   */
  push(plaintext: Uint8Array): void {
    this.#digest.update(plaintext);
    this.#stream.push(plaintext);
  }

  /** @throws {FederationError} `WEIGHTS_INVALID`, `UPLOAD_MISMATCH` */
  end(): void {
    this.#stream.end();
    const { digest, site } = this.#expected.header;
    if (this.#digest.hex() !== digest) {
      throw new FederationError(
        'UPLOAD_MISMATCH',
        `The update of ${site} does not have its header's digest.`,
      );
    }
  }

  #checkLayout({ tensors, dataStart }: SafetensorsLayout): void {
    const found = [...tensors];
    for (const [index, want] of this.#entries.entries()) {
      const [name, place] = found[index] ?? [];
      if (name !== want.name) {
        throw this.#invalid(`has tensor ${name ?? '(none)'} where ${want.name} must be`);
      }
      if (place?.dtype !== want.dtype || place.shape.join() !== want.shape.join()) {
        throw this.#invalid(
          `has tensor ${name} as ${place?.dtype} [${place?.shape.join(', ')}], not ${want.dtype} [${want.shape.join(', ')}]`,
        );
      }
    }
    const extra = found[this.#entries.length];
    if (extra !== undefined) throw this.#invalid(`has tensor ${extra[0]}, which the model does not have`);
    // Or chunks would cut numbers in two.
    if (dataStart % 8 !== 0) throw this.#invalid('has a header whose length is no multiple of eight');
  }

  #look(name: string, offset: number, values: Float32Array): void {
    if (this.#expected.header.encoding === 'int8') {
      const scales = this.#scales.get(scaleName(name));
      if (scales === undefined) {
        this.#keepScales(name, offset, values);
        return;
      }
      scaleCodes(values, offset, scales);
    }
    const squares = sumOfSquares(values);
    if (!Number.isFinite(squares)) throw this.#invalid(`holds a number that is not finite in tensor ${name}`);
    this.#squares += squares;
    if (this.#squares > this.#maxNorm ** 2) {
      const { site, round } = this.#expected.header;
      throw new FederationError(
        'UPDATE_TOO_LONG',
        `The update of ${site} for round ${round} has a norm above ${this.#maxNorm}, reached in tensor ${name}.`,
      );
    }
  }

  #keepScales(name: string, offset: number, values: Float32Array): void {
    if (!values.every((scale) => scale >= 0 && scale < Infinity)) {
      throw this.#invalid(`has a scale in ${name} that is negative or not finite`);
    }
    const whole = this.#scales.get(name) ?? new Float32Array(this.#entryOf(name).shape[0] ?? 0);
    whole.set(values, offset);
    this.#scales.set(name, whole);
  }

  #entryOf(name: string): EncodedEntry {
    return this.#entries.find((entry) => entry.name === name) as EncodedEntry;
  }

  #invalid(what: string): FederationError {
    return new FederationError('WEIGHTS_INVALID', `The update of ${this.#expected.header.site} ${what}.`);
  }
}
