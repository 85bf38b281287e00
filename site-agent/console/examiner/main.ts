import { FederationError } from '@fedoxnet/shared/errors';
import { asFederationError } from '../../agent/failure.js';
import { selectBackend } from '../../backend/select-backend.js';
import { examineOrder, type ExamineReply } from './ipc.js';
import { Examiner } from './examiner.js';

/** The examiner's process: a network looks at films here, so that neither the agent nor the page waits for it. */
if (process.send === undefined) {
  console.error('The examiner is started by the site console: run "fedoxnet-site console".');
  process.exit(64);
}

const examiner = new Examiner();
let turn: Promise<void> = Promise.resolve();
process.on('message', (message) => {
  turn = turn.then(() => obey(message));
});
process.on('disconnect', () => process.exit(0));

let backend: Promise<unknown> | null = null;

/** One thread and never the GPU: both are the trainer's. */
function ready(): Promise<unknown> {
  return (backend ??= selectBackend('cpu', { threads: 1 }).catch((error: unknown) => {
    if (error instanceof FederationError && error.code === 'BACKEND_UNAVAILABLE')
      return selectBackend('wasm');
    throw error;
  }));
}

async function obey(message: unknown): Promise<void> {
  const reply = await examine(message).catch((error: unknown): ExamineReply => {
    const { code, message: text } = asFederationError(error);
    return { kind: 'failed', code, message: text };
  });
  if (process.connected) process.send!(reply);
}

async function examine(message: unknown): Promise<ExamineReply> {
  const order = examineOrder.safeParse(message);
  if (!order.success) throw new FederationError('MESSAGE_INVALID', 'The examiner cannot read an order.');
  await ready();
  return examiner.examine(order.data);
}
