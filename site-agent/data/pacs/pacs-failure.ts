import { FederationError } from '@fedoxnet/shared/errors';

/** The PACS answers, but does not give this film: the next pull asks for it again. The message is a clause. */
export class FilmNotGiven extends Error {
  override readonly name = 'FilmNotGiven';
}

/** Passing: the line broke, nothing listens, the PACS is overloaded. */
export function pacsUnreachable(place: string, reason: string, cause?: unknown): FederationError {
  return new FederationError('PACS_UNREACHABLE', `The PACS at ${place} does not answer: ${reason}.`, {
    cause,
  });
}

/** The PACS does not know us, or does not allow what we ask. */
export function pacsRefused(place: string, reason: string): FederationError {
  return new FederationError('PACS_REFUSED', `The PACS at ${place} refuses: ${reason}.`);
}

/** We do not believe that it is the PACS. */
export function pacsUntrusted(place: string, reason: string, cause: unknown): FederationError {
  return new FederationError('PACS_UNTRUSTED', `The certificate of ${place} is not trusted: ${reason}.`, {
    cause,
  });
}

/** Something answers, but not as a PACS should. */
export function pacsAnswerInvalid(place: string, reason: string, cause?: unknown): FederationError {
  return new FederationError('PACS_ANSWER_INVALID', `What answers at ${place} is wrong: ${reason}.`, {
    cause,
  });
}
