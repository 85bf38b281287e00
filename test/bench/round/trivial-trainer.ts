import { closeSync, existsSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import { parseSafetensorsHeader, safetensorsHeader } from '@fedoxnet/shared/weights/safetensors-header';
import { sparePath } from '@fedoxnet/site-agent/files/spare-file';
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

/** Turns weights into the update that a step from them makes. */
function stepFrom(values: Float32Array): void {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    values[index] = Math.fround(value + STEP) - value;
  }
}

function train({ global: path, update, round }: Train): TrainerEvent {
  const started = performance.now();
  // As the trainer does: over the file of the round before.
  const spare = sparePath(dirname(update), 'update');
  if (existsSync(spare)) renameSync(spare, update);
  const [source, target] = [openSync(path, 'r'), openSync(update, existsSync(update) ? 'r+' : 'w', 0o600)];
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    readSync(source, head, 0, head.length, 0);
    const { tensors, dataStart, dataBytes } = parseSafetensorsHeader(head);
    const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
    const header = safetensorsHeader(shapes, { kind: 'update', round: String(round) });
    writeSync(target, header);
    const values = new Float32Array(PIECE_BYTES / 4);
    const piece = Buffer.from(values.buffer);
    for (let at = 0; at < dataBytes; at += piece.length) {
      const bytesRead = readSync(source, piece, 0, piece.length, dataStart + at);
      const length = Math.min(bytesRead, dataBytes - at);
      const part = values.subarray(0, length / 4);
      stepFrom(part);
      writeSync(target, bytesFromFloats(part));
    }
    ftruncateSync(target, header.length + dataBytes);
  } finally {
    closeSync(source);
    closeSync(target);
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

function obey(command: TrainerCommand): TrainerEvent {
  switch (command.kind) {
    case 'prepare':
      return { kind: 'prepared', backend: 'none', films };
    case 'train':
      return train(command);
    case 'evaluate':
      return { kind: 'evaluated', round: command.round, report: { films: 0, classes: [] }, seconds: 0 };
  }
}

// It has nothing else to do meanwhile, so it waits for the disk itself.
process.on('message', (message) => process.send?.(obey(trainerCommand.parse(message))));
process.on('disconnect', () => process.exit(0));
