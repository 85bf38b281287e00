/** Named float32 arrays: the form in which models, updates and deltas travel through everything but the trainer. */
export interface WeightArray {
  readonly shape: readonly number[];
  /** Row-major; its length is the product of `shape`. */
  readonly values: Float32Array;
}

/** Iteration order is the order of the tensors in the file; aggregation relies on it being the same at every site. */
export type WeightMap = ReadonlyMap<string, WeightArray>;

/** Name and shape alone, as the coordinator knows a model it never builds. */
export type WeightShapes = ReadonlyMap<string, readonly number[]>;
