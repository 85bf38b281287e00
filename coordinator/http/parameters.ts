import type { Request } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';
import { shortName } from '@fedoxnet/shared/ids';
import type { CoordinatorContext } from '../context.js';
import type { StudyRow } from '../storage/study-tables.js';

/** A name in the path. Names that cannot exist are answered like names that do not. */
export function nameIn(request: Request, parameter: string): string {
  const parsed = shortName.safeParse(request.params[parameter]);
  if (!parsed.success) throw new FederationError('NOT_FOUND', `There is no ${parameter} of that name.`);
  return parsed.data;
}

/** A whole number ≥ 0 in the path. */
export function numberIn(request: Request, parameter: string): number {
  const text = request.params[parameter];
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text)) {
    throw new FederationError('NOT_FOUND', `There is no such ${parameter}.`);
  }
  return Number(text);
}

/** @throws {FederationError} `NOT_FOUND` */
export async function studyIn({ database }: CoordinatorContext, request: Request): Promise<StudyRow> {
  const name = nameIn(request, 'study');
  const study = await database.stores.studies.find(name);
  if (study === null) throw new FederationError('NOT_FOUND', `There is no study ${name}.`);
  return study;
}
