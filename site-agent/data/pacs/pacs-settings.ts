import { join, resolve } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { firstIssue } from '@fedoxnet/shared/protocol/parse-issue';
import { workHours } from '../../agent/work-hours.js';
import { readJsonFile } from '../../files/json-file.js';
import type { WebTarget } from './dicomweb/web-client.js';
import { WebPacs } from './dicomweb/web-pacs.js';
import { readDicomTls, tlsFields } from './dimse/dicom-tls.js';
import { DimsePacs } from './dimse/dimse-pacs.js';
import type { Pacs } from './pacs.js';
import { readPacsSecret } from './pacs-secret.js';

/** In the site's home, beside the policy; written by the site's staff and never changed by the agent. */
export const PACS_FILE = 'pacs.json';

/** `dicomweb`: QIDO-RS and WADO-RS. `get`, `move`: C-FIND, then C-GET or C-MOVE. */
export const PACS_WAYS = ['dicomweb', 'get', 'move'] as const;
export type PacsWay = (typeof PACS_WAYS)[number];

/** PS3.5, table 6.2-1: up to 16 characters, no backslash. */
export const aeTitle = z.string().regex(/^(?=.*\S)[\x20-\x5b\x5d-\x7e]{1,16}$/, 'is no AE title');
const port = z.number().int().min(1).max(65_535);
/** `PACS@10.0.0.7:104`. */
export const peer = z.string().transform((text, context) => {
  const match = /^([^@\\]{1,16})@(\[[0-9a-fA-F:.]+\]|[^:\s@]+):(\d{1,5})$/.exec(text);
  const [, calledAe, host, digits] = match ?? [];
  if (calledAe !== undefined && host !== undefined && port.safeParse(Number(digits)).success)
    return { calledAe: calledAe.trim(), host: host.replace(/^\[|\]$/g, ''), port: Number(digits) };
  context.addIssue('is not AETITLE@host:port');
  return z.NEVER;
});
const code = z.string().regex(/^[A-Z0-9_ ]{1,16}$/, 'is no code of capitals and digits');

/** A DICOMweb server and how it knows us. */
export const webServer = z.strictObject({
  /** Root of its services. */
  url: z.url({ protocol: /^https?$/ }).refine((text) => !/\/\/[^/]*@/.test(text), {
    error: 'must not hold a password: use user and secretFile',
  }),
  /** Basic authentication; without it the secret is a bearer token. */
  user: z
    .string()
    .regex(/^[^:]+$/, 'must not be empty or hold a colon')
    .optional(),
  /** First line: password or token; 0600; relative to the home. Or the variable FEDOXNET_PACS_SECRET. */
  secretFile: z.string().min(1).optional(),
});

/** `pacs.json`; options of the command stand for fields of it. */
export const pacsSettings = z.strictObject({
  /** QIDO-RS and WADO-RS. */
  dicomweb: webServer.optional(),
  dimse: z
    .strictObject({
      /** AE title, host and port of the PACS. */
      pacs: peer,
      /** Ours; the PACS must know it. */
      ae: aeTitle.default('FEDOXNET'),
      retrieve: z.enum(['get', 'move']).default('get'),
      /** Where we listen while a C-MOVE is under way; the PACS must know it too. */
      storePort: port.default(11_112),
      storeHost: z.string().min(1).default('0.0.0.0'),
      /** With it, and be it empty, all connections are TLS, those of a C-MOVE to us as well. */
      tls: tlsFields.optional(),
    })
    .refine(
      ({ retrieve, tls }) => retrieve === 'get' || tls === undefined || tls.certificateFile !== undefined,
      {
        error: 'needs tls.certificateFile and tls.keyFile: a C-MOVE over TLS calls us',
      },
    )
    .optional(),
  /** Which way to pull, where both are set. */
  by: z.enum(['dicomweb', 'dimse']).optional(),
  modalities: z.array(code).min(1).default(['CR', 'DX']),
  /** Body Part Examined; series that say none are pulled too. */
  bodyPart: code.optional(),
  /** On average; without it as fast as the PACS gives them. */
  filmsPerSecond: z.number().positive().max(1000).optional(),
  /** Films are fetched only then, by the clock of this machine, as `19:00-06:00`. */
  hours: workHours.optional(),
  /** Requests at once. */
  connections: z.number().int().min(1).max(16).default(2),
  /** Without a sign of life from the PACS. */
  timeoutSeconds: z.number().min(0.1).max(3600).default(60),
  /** Tries in a row before the PACS counts as gone; pauses grow from 0.25 to 30 s. */
  attempts: z.number().int().min(1).max(1000).default(8),
});
export type PacsSettings = z.output<typeof pacsSettings>;
type PacsFields = z.input<typeof pacsSettings>;

/** Fields that options give; each replaces that of the file. */
export type PacsOverrides = {
  readonly [Field in keyof PacsFields]?: PacsFields[Field] extends object | undefined
    ? Partial<PacsFields[Field]>
    : PacsFields[Field];
};

/**
 * The settings of the site's PACS.
 * @param home null where none was given: then the overrides are all there is
 * @returns null when neither the file nor an override says anything of a PACS
 * @throws {FederationError} `CONFIG_INVALID`, naming file and field
 */
export async function readPacsSettings(
  home: string | null,
  overrides: PacsOverrides = {},
): Promise<PacsSettings | null> {
  const path = home === null ? null : join(home, PACS_FILE);
  // Loose here: the file may leave to options what the whole must have.
  const file =
    path === null ? null : await readJsonFile(path, z.record(z.string(), z.unknown()), 'CONFIG_INVALID');
  const merged = mergeFields(file ?? {}, overrides);
  if (merged['dicomweb'] === undefined && merged['dimse'] === undefined) {
    if (file === null) return null;
    throw new FederationError('CONFIG_INVALID', `${path} sets neither dicomweb nor dimse.`);
  }
  const parsed = pacsSettings.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw new FederationError(
    'CONFIG_INVALID',
    `${file === null ? 'The PACS settings are' : `${path}, with the options, is`} invalid: ${firstIssue(parsed.error)}.`,
    { cause: parsed.error },
  );
}

/** An option replaces one field of `dimse` or `dimse.tls`, not all of them. */
function mergeFields(file: object, overrides: object): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...file };
  for (const [name, value] of Object.entries(overrides) as [string, unknown][]) {
    const old = merged[name];
    if (isGroup(value)) merged[name] = mergeFields(isGroup(old) ? old : {}, value);
    else if (value !== undefined) merged[name] = value;
  }
  return merged;
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The way to pull: as set, else the only one, else DICOMweb, over which films come as they lie in the PACS. */
export function chosenWay({ by, dicomweb, dimse }: PacsSettings): PacsWay {
  const way = by ?? (dicomweb === undefined ? 'dimse' : 'dicomweb');
  if (way === 'dicomweb') {
    if (dicomweb !== undefined) return way;
    throw new FederationError('CONFIG_INVALID', 'The way is dicomweb, but no URL of it is set.');
  }
  if (dimse !== undefined) return dimse.retrieve;
  throw new FederationError('CONFIG_INVALID', 'The way is DIMSE, but no PACS of it is set.');
}

/**
 * @param home to which paths of secrets and certificates are relative
 * @throws {FederationError} `CONFIG_INVALID` when the way is not set, or its secret or certificates cannot be read
 */
export async function openPacs(settings: PacsSettings, way: PacsWay, home: string | null): Promise<Pacs> {
  const { dicomweb, dimse, connections, timeoutSeconds } = settings;
  const timeoutMs = timeoutSeconds * 1000;
  if (way === 'dicomweb' && dicomweb !== undefined) {
    return new WebPacs({ ...(await webTarget(dicomweb, home)), timeoutMs, connections });
  }
  if (dimse === undefined)
    throw new FederationError('CONFIG_INVALID', `The settings have no PACS for ${way}.`);
  const { pacs, ae, storePort, storeHost } = dimse;
  const tls = dimse.tls === undefined ? null : await readDicomTls(dimse.tls, home);
  const retrieve = way === 'move' ? 'move' : 'get';
  return new DimsePacs({
    ...{ ...pacs, callingAe: ae, retrieve, storePort, storeHost, tls, timeoutMs, connections },
  });
}

/** @param home to which the path of a secret file is relative. @throws {FederationError} as `readPacsSecret` */
export async function webTarget(
  server: z.output<typeof webServer>,
  home: string | null,
): Promise<Pick<WebTarget, 'url' | 'secret'>> {
  const { url, user = null, secretFile } = server;
  const file = secretFile === undefined ? null : resolve(home ?? '.', secretFile);
  return { url, secret: await readPacsSecret(user, file) };
}
