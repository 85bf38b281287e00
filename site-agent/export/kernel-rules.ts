import { ARITHMETIC_RULES } from './arithmetic-rules.js';
import type { KernelRule } from './graph-op.js';
import { IMAGE_RULES } from './image-rules.js';
import { SHAPE_RULES } from './shape-rules.js';

/** What the kernels that a detector's forward pass may call mean in a TensorFlow graph, by their names. */
export const KERNEL_RULES: Readonly<Record<string, KernelRule | undefined>> = {
  ...ARITHMETIC_RULES,
  ...SHAPE_RULES,
  ...IMAGE_RULES,
};
