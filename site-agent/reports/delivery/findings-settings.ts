import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../../files/json-file.js';
import { conceptCode } from '../dicom/code.js';
import { REPORT_CLASSES, type ReportClass } from '../dicom/structured-report.js';

const FILE = 'findings.json';
const reportClasses = Object.keys(REPORT_CLASSES) as [ReportClass, ...ReportClass[]];

/** How this site reports what a model found; `findings.json` in the agent's home, written by the site's staff. */
export const findingsSettings = z.strictObject({
  /** Viewers differ in which they show: the plain one by default. */
  reportClass: z.enum(reportClasses).default('comprehensive'),
  /** By class name, for classes that fedoxnet has no code for, or another one than this site. */
  codes: z.record(z.string().min(1), conceptCode).default({}),
});
export type FindingsSettings = z.infer<typeof findingsSettings>;

/**
 * @param home without it, and without a file in it, the defaults
 * @throws {FederationError} `CONFIG_INVALID` naming the field
 */
export async function readFindingsSettings(home: string | undefined): Promise<FindingsSettings> {
  const path = home === undefined ? null : join(resolve(home), FILE);
  const settings = path === null ? null : await readJsonFile(path, findingsSettings, 'CONFIG_INVALID');
  return settings ?? findingsSettings.parse({});
}
