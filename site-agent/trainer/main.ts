import { FederationError } from '@fedoxnet/shared/errors';
import { asFederationError } from '../agent/failure.js';
import { trainerCommand, type TrainerEvent } from './ipc.js';
import { Trainer } from './trainer.js';

/**
 * The trainer's process. TensorFlow's steps block the event loop, so they run here and not in the agent, whose socket must
 * answer. It obeys the agent over IPC and ends when the agent does.
 */
if (process.send === undefined) {
  console.error('The trainer is started by the site agent: run "fedoxnet-site run".');
  process.exit(64);
}

const send = (event: TrainerEvent): void => {
  if (process.connected) process.send!(event);
};
const trainer = new Trainer(send);
let turn: Promise<void> = Promise.resolve();

process.on('message', (message) => {
  turn = turn.then(() => obey(message));
});
process.on('disconnect', () => process.exit(0));

async function obey(message: unknown): Promise<void> {
  try {
    const command = trainerCommand.safeParse(message);
    if (!command.success) {
      throw new FederationError(
        'MESSAGE_INVALID',
        `The trainer cannot read a command: ${command.error.message}`,
      );
    }
    send(await trainer.run(command.data));
  } catch (error) {
    const { code, message } = asFederationError(error);
    if (code === 'INTERNAL') console.error(error);
    send({ kind: 'failed', code, message });
  }
}
