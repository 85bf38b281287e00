import { expect } from 'chai';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { imageTensor } from '@fedoxnet/site-agent/training/image-tensor';

describe('imageTensor', () => {
  const films = [Uint8Array.of(0, 51, 102, 255), Uint8Array.of(255, 0, 0, 0)];
  before(() => tf.setBackend('cpu'));

  it('repeats grey in three colours, each with its own mean and deviation', async () => {
    const tensor = imageTensor(films, 2, 3);
    expect(tensor.shape).to.deep.equal([2, 2, 2, 3]);
    const values = [...(await tensor.data())];
    tensor.dispose();
    // Black: −mean / deviation. The second pixel is .2, the last of the first film white.
    const near = (at: number, expected: readonly number[]) =>
      expected.forEach((value, i) => expect(values[at + i]).to.be.closeTo(value, 1e-5));
    near(0, [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225]);
    near(3, [(0.2 - 0.485) / 0.229, (0.2 - 0.456) / 0.224, (0.2 - 0.406) / 0.225]);
    near(9, [0.515 / 0.229, 0.544 / 0.224, 0.594 / 0.225]);
    near(12, [0.515 / 0.229, 0.544 / 0.224, 0.594 / 0.225]); // the second film begins
  });

  it('keeps one channel for networks of their own', async () => {
    const tensor = imageTensor(films, 2, 1);
    expect(tensor.shape).to.deep.equal([2, 2, 2, 1]);
    const values = [...(await tensor.data())];
    tensor.dispose();
    expect(values[2]).to.be.closeTo((0.4 - 0.449) / 0.226, 1e-5);
    expect(values[4]).to.be.closeTo(0.551 / 0.226, 1e-5);
  });
});
