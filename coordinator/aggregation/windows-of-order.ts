import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { DTYPE_BYTES } from '@fedoxnet/shared/weights/dtype';
import { strategyOfPlan } from './strategy-of-plan.js';
import { holdsAll } from './strategy.js';
import type { SumOrder } from './sum-messages.js';
import { layoutOfUpdates } from './update-reader.js';
import { heldWindowElements, WINDOW_ELEMENTS, windowsOf, type Window } from './windows.js';

/**
 * The windows of a round's sum, or of the survey before it. They end where chunks of the first update end, which is so in every
 * update whose header is as long: a chunk that two windows share must be opened for each of them.
 */
export function windowsOfOrder(order: SumOrder, pass: 'survey' | 'sum'): Window[] {
  const strategy = strategyOfPlan(order.aggregation);
  const holds = pass === 'sum' ? holdsAll(strategy) : strategy.survey === 'distances';
  const { begin, bytes } = firstNumber(order);
  const most = holds ? heldWindowElements(order.updates.length) : WINDOW_ELEMENTS;
  const elements = Math.min(most, CHUNK_BYTES / bytes);
  const first = ((CHUNK_BYTES - (begin % CHUNK_BYTES)) / bytes) % elements;
  return windowsOf(order.model, elements, first);
}

/** Where the first number of the model lies in the file of the first update, and how long it is. */
function firstNumber(order: SumOrder): { readonly begin: number; readonly bytes: number } {
  const { places, dataBytes } = layoutOfUpdates(order);
  const [name = ''] = order.model.tensors.keys();
  const { dtype, begin } = places.get(name) ?? { dtype: 'F32', begin: 0 };
  const dataStart = (order.updates[0]?.header.bytes ?? dataBytes) - dataBytes;
  return { begin: dataStart + begin, bytes: DTYPE_BYTES[dtype] };
}
