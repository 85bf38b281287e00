import { open } from 'node:fs/promises';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import { parseSafetensorsHeader, safetensorsHeader } from '@fedoxnet/shared/weights/safetensors';
import { trainerCommand, type TrainerCommand, type TrainerEvent } from '@fedoxnet/site-agent/trainer/ipc';

/**
 * The local step of the bench in place of the trainer: reads the global model, adds 0.001 to every number and writes the
 * difference, a piece at a time.
 */
const STEP = 0.001;
const PIECE_BYTES = 256 * 1024;
const HEADER_BYTES = 64 * 1024;
const films = { train: 8, val: 1, box: 8, image: 0, none: 0 };

type Train = Extract<TrainerCommand, { kind: 'train' }>;

async function train({ global: path, update, round }: Train): Promise<TrainerEvent> {
  const started = performance.now();
  const [source, target] = [await open(path, 'r'), await open(update, 'w', 0o600)];
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    await source.read(head, 0, head.length, 0);
    const { tensors, dataStart, dataBytes } = parseSafetensorsHeader(head);
    const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
    await target.write(safetensorsHeader(shapes, { kind: 'update', round: String(round) }));
    const values = new Float32Array(PIECE_BYTES / 4);
    const piece = Buffer.from(values.buffer);
    for (let at = 0; at < dataBytes; at += piece.length) {
      const { bytesRead } = await source.read(piece, 0, piece.length, dataStart + at);
      const length = Math.min(bytesRead, dataBytes - at);
      for (let index = 0; index < length / 4; index += 1) {
        const value = values[index] as number;
        values[index] = Math.fround(value + STEP) - value;
      }
      await target.write(bytesFromFloats(values.subarray(0, length / 4)));
    }
  } finally {
    await source.close();
    await target.close();
  }
  return {
    kind: 'trained',
    round,
    masses: { films: 8, positives: 8, classRows: [4, 4], globalRows: [4, 4], prototypeRows: [4, 4] },
    losses: {},
    steps: 1,
    seconds: (performance.now() - started) / 1000,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

async function obey(command: TrainerCommand): Promise<TrainerEvent> {
  switch (command.kind) {
    case 'prepare':
      return { kind: 'prepared', backend: 'none', films };
    case 'train':
      return train(command);
    case 'evaluate':
      return { kind: 'evaluated', round: command.round, report: { films: 0, classes: [] }, seconds: 0 };
  }
}

let turn: Promise<unknown> = Promise.resolve();
process.on('message', (message) => {
  turn = turn.then(async () => process.send?.(await obey(trainerCommand.parse(message))));
});
process.on('disconnect', () => process.exit(0));
