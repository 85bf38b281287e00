import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../../files/json-file.js';
import { tlsFields } from '../../data/pacs/dimse/dicom-tls.js';
import { aeTitle, peer, webServer } from '../../data/pacs/pacs-settings.js';
import { conceptCode } from '../dicom/code.js';
import { REPORT_CLASSES, type ReportClass } from '../dicom/structured-report.js';

/** In the site's home, beside the policy; written by the site's staff and never changed by the agent. */
export const FINDINGS_FILE = 'findings.json';
const reportClasses = Object.keys(REPORT_CLASSES) as [ReportClass, ...ReportClass[]];

/** Where reports may be sent; one of them. */
const destination = z
  .strictObject({
    /** That a PACS or a person watches. */
    folder: z.string().refine(isAbsolute, 'must be an absolute path').optional(),
    /** STOW-RS. */
    dicomweb: webServer.optional(),
    /** C-STORE: to `AETITLE@host:port`, under our own title. */
    dimse: z
      .strictObject({ to: peer, ae: aeTitle.default('FEDOXNET'), tls: tlsFields.optional() })
      .optional(),
  })
  .refine((all) => Object.keys(all).length === 1, 'must be one of folder, dicomweb and dimse');

/** `findings.json`: how this site reports what a model found. */
export const findingsSettings = z.strictObject({
  /** Viewers differ in which they show: the plain one by default. */
  reportClass: z.enum(reportClasses).default('comprehensive'),
  /** By class name, for classes that fedoxnet has no code for, or another one than this site. */
  codes: z.record(z.string().min(1), conceptCode).default({}),
  /** Without it nothing is ever sent; with it only when a person says so. */
  destination: destination.optional(),
  /** Without a sign of life from the destination. */
  timeoutSeconds: z.number().min(0.1).max(3600).default(60),
});
export type FindingsSettings = z.infer<typeof findingsSettings>;

/**
 * @param home without it, and without a file in it, the defaults
 * @throws {FederationError} `CONFIG_INVALID` naming the field
 */
export async function readFindingsSettings(home: string | undefined): Promise<FindingsSettings> {
  const path = home === undefined ? null : join(resolve(home), FINDINGS_FILE);
  const settings = path === null ? null : await readJsonFile(path, findingsSettings, 'CONFIG_INVALID');
  return settings ?? findingsSettings.parse({});
}
