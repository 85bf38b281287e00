import { FederationError } from '@fedoxnet/shared/errors';
import type { StoredModel, StudyRow } from '../storage/study-tables.js';

/** @throws {FederationError} `MODEL_INVALID` */
export function requireModel({ name, model }: StudyRow): StoredModel {
  if (model === null) throw new FederationError('MODEL_INVALID', `Study ${name} has no initial model.`);
  return model;
}
