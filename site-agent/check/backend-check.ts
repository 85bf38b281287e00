import * as tf from '@tensorflow/tfjs-core';
import { selectBackend, type BackendOptions, type BackendWish } from '../backend/select-backend.js';
import { failed, passed, type Check } from './check.js';

/** A 3×3 convolution as the network has many: 64 → 64 channels on 64×64 cells, four films. */
const SHAPE = { films: 4, side: 64, channels: 64, kernel: 3 } as const;
const MEASURE_MS = 1000;
/** The plain JavaScript backend reaches 0.3, WebAssembly 20, two cores of a server 130. */
const LEAST_GFLOPS = 2;

/** Loads the backend that training would use and measures it on one convolution. */
export function backendCheck(wish: BackendWish, options: BackendOptions = {}): Check {
  return {
    name: 'backend',
    title: 'backend',
    async run() {
      const { description, warning } = await selectBackend(wish, options);
      const gflops = await measureGflops();
      const says = `${description}: ${gflops.toFixed(gflops < 10 ? 1 : 0)} GFLOP/s`;
      if (warning !== undefined)
        return failed(`${says}; ${warning}`, 'Run "npm run setup", or accept the speed with --backend wasm.');
      if (gflops < LEAST_GFLOPS)
        return failed(
          says,
          'Rounds would take hours: check that other work does not fill the machine, and --threads.',
        );
      return passed(says);
    },
  };
}

/** Billions of multiplications and additions a second, median of as many passes as a second takes. */
async function measureGflops(): Promise<number> {
  const { films, side, channels, kernel } = SHAPE;
  const input = tf.ones<tf.Rank.R4>([films, side, side, channels]);
  const filter = tf.ones<tf.Rank.R4>([kernel, kernel, channels, channels]);
  const pass = async (): Promise<number> => {
    const start = performance.now();
    const output = tf.conv2d(input, filter, 1, 'same');
    await output.data();
    output.dispose();
    return performance.now() - start;
  };
  try {
    await pass(); // the first compiles and allocates
    const times: number[] = [];
    const end = performance.now() + MEASURE_MS;
    while (times.length < 3 || performance.now() < end) times.push(await pass());
    const median = times.sort((a, b) => a - b)[times.length >> 1]!;
    const operations = 2 * films * side * side * channels * channels * kernel * kernel;
    return operations / (median / 1000) / 1e9;
  } finally {
    input.dispose();
    filter.dispose();
  }
}
