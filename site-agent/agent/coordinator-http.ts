import { Ledger } from '../ledger/ledger.js';
import { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';
import { Session } from './session.js';

/** For single questions to the coordinator, beside a running agent or without one. */
export function coordinatorHttp(home: string, identity: Identity): HttpClient {
  const { address } = identity;
  const traffic = { sent: 0, received: 0 };
  const ledger = new Ledger({ home, to: address });
  const tokens = new Session(identity, new HttpClient(address, traffic, { ledger }));
  return new HttpClient(address, traffic, { tokens, ledger });
}
