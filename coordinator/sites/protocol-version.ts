import { FederationError } from '@fedoxnet/shared/errors';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';

/** @throws {FederationError} `PROTOCOL_VERSION` */
export function checkProtocol(version: unknown): void {
  if (version !== PROTOCOL) {
    throw new FederationError(
      'PROTOCOL_VERSION',
      `The agent speaks protocol ${String(version).slice(0, 20)}, this coordinator ${PROTOCOL}.`,
    );
  }
}
