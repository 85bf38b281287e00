import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseDocument } from 'yaml';
import { FederationError } from '@fedoxnet/shared/errors';
import { firstIssue } from '@fedoxnet/shared/protocol/parse-issue';
import { experiment, type Experiment } from './experiment.js';

export interface ExperimentFile {
  readonly experiment: Experiment;
  /** Folder that paths in the file are relative to. */
  readonly folder: string;
}

/** @throws {FederationError} `DATA_MISSING`, or `PLAN_INVALID` naming line or field */
export async function readExperiment(path: string): Promise<ExperimentFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FederationError('DATA_MISSING', `The experiment ${path} cannot be read.`, { cause });
  });
  return { experiment: parseExperiment(text, path), folder: dirname(path) };
}

/** @param name of the file, for messages */
export function parseExperiment(text: string, name: string): Experiment {
  const document = parseDocument(text, { prettyErrors: true });
  const [fault] = document.errors;
  if (fault !== undefined) {
    throw invalid(name, fault.message.split('\n', 1)[0]!.replace(/[:.]$/, ''));
  }
  const parsed = experiment.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success) throw invalid(name, firstIssue(parsed.error));
  const [contradiction] = contradictions(parsed.data);
  if (contradiction !== undefined) throw invalid(name, contradiction);
  return parsed.data;
}

function invalid(name: string, what: string): FederationError {
  return new FederationError('PLAN_INVALID', `The experiment ${name} is invalid: ${what}.`);
}

/** Fields that contradict each other, each as `path: what is wrong`. */
function contradictions({ sites, runs, seeds, sweep, skew, evaluation, reference }: Experiment): string[] {
  const found: string[] = [];
  const refuseRepeats = (path: string, names: readonly (string | number)[]): void => {
    names.forEach((name, index) => {
      if (names.indexOf(name) !== index) found.push(`${path}.${index}: ${name} is listed twice`);
    });
  };
  const names = sites.map(({ name }) => name);
  refuseRepeats('sites', names);
  refuseRepeats('seeds', seeds);
  refuseRepeats(
    'runs',
    runs.map(({ name }) => name),
  );
  refuseRepeats('sweep.values', sweep?.values ?? []);
  const refuseStrangers = (path: string, chosen: readonly string[]): void => {
    for (const name of chosen) if (!names.includes(name)) found.push(`${path}: there is no site ${name}`);
  };
  runs.forEach(({ sites: chosen }, index) => {
    if (Array.isArray(chosen)) refuseStrangers(`runs.${index}.sites`, chosen);
  });
  refuseStrangers('evaluation.sites', evaluation?.sites ?? []);
  if (reference !== undefined && !runs.some(({ name }) => name === reference)) {
    found.push(`reference: there is no run ${reference}`);
  }
  const isSkewed = skew ?? sweep ?? runs.find((run) => run.skew !== undefined);
  const [stored] = sites.filter((site) => 'data' in site);
  if (isSkewed !== undefined && stored !== undefined) {
    found.push(`skew: the films of ${stored.name} lie in a folder, and only phantoms can be skewed`);
  }
  return found;
}
