import type { Socket } from 'socket.io';
import type { CoordinatorContext } from '../context.js';
import { asFederationError, refusalOf } from '../refusal.js';
import { peerAddress } from './peer-address.js';

/** What socket.io's `next` takes to refuse a connection; it passes the error's `data` to the client. */
export function refusedHandshake(
  { refusals, behindProxy }: Pick<CoordinatorContext, 'refusals' | 'behindProxy'>,
  { handshake, nsp }: Pick<Socket, 'handshake' | 'nsp'>,
  error: unknown,
): Error {
  const refused = asFederationError(error);
  refusals.note({ address: peerAddress(handshake, behindProxy) }, refused, `connect ${nsp.name}`);
  return Object.assign(new Error(refused.message), { data: refusalOf(refused) });
}
