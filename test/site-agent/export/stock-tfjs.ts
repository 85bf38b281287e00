/**
 * A stranger to fedoxnet: loads a graph model by its address with the published packages of TensorFlow.js alone
 * and runs it on films from stdin. `node stock-tfjs.js URL cpu|wasm < {"shape": […], "films": […]}` prints the outputs as JSON.
 */
import { text } from 'node:stream/consumers';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

const { shape, films } = JSON.parse(await text(process.stdin)) as {
  shape: [number, number, number, number];
  films: number[];
};
await tf.setBackend(process.argv[3]!);
const model = await tf.loadGraphModel(process.argv[2]!);
const outputs = model.predict(tf.tensor4d(films, shape)) as Record<string, tf.Tensor>;
const plain = Object.entries(outputs).map(([name, tensor]) => [
  name,
  { shape: tensor.shape, values: Array.from(tensor.dataSync()) },
]);
process.stdout.write(
  JSON.stringify({
    backend: tf.getBackend(),
    metadata: (model.metadata as { fedoxnet: unknown }).fedoxnet,
    outputs: Object.fromEntries(plain) as unknown,
  }),
);
