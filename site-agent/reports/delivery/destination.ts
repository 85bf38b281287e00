import { FederationError } from '@fedoxnet/shared/errors';
import type { ReportObject } from './report-object.js';

/** Where reports go, one after the other. */
export interface Destination {
  /** For people; without credentials. */
  readonly place: string;
  /**
   * Sending the same object again is no harm.
   * @param onLeft called with the bytes in the turn in which they were handed to the system, whatever is answered then
   * @throws {FederationError} `PACS_UNREACHABLE`, `PACS_REFUSED`, `PACS_ANSWER_INVALID`; `REPORT_REFUSED` for an object that
   *   is not taken
   */
  send(object: ReportObject, signal: AbortSignal, onLeft: (bytes: number) => void): Promise<void>;
  close(): Promise<void>;
}

export function reportRefused(place: string, { path }: ReportObject, why: string): FederationError {
  return new FederationError('REPORT_REFUSED', `${place} does not take ${path}: ${why}.`);
}
