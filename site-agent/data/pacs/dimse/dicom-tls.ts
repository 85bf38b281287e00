import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { checkServerIdentity, type ConnectionOptions, type SecureContextOptions } from 'node:tls';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { readPrivateFile } from '../../../files/private-file.js';

/** `tls` beside an application entity: DICOM over TLS. Files are PEM, relative to the home. */
export const tlsFields = z
  .strictObject({
    /** Who signed the certificate of the PACS: that certificate itself, where it signed itself; without it the public CAs and NODE_EXTRA_CA_CERTS. */
    caFile: z.string().min(1).optional(),
    /** Ours, with those of the CAs between it and the root; a PACS that admits certificates wants it, and C-MOVE always does. */
    certificateFile: z.string().min(1).optional(),
    /** 0600. */
    keyFile: z.string().min(1).optional(),
    /** The name in the certificate of the PACS, where it is not the host that we call. */
    serverName: z.string().min(1).optional(),
  })
  .refine(({ certificateFile, keyFile }) => (certificateFile === undefined) === (keyFile === undefined), {
    error: 'needs certificateFile and keyFile together',
  });
export type TlsFields = z.output<typeof tlsFields>;

/** What both directions need. */
export interface DicomTls {
  /** PEM; null for the public CAs. */
  readonly ca: string | null;
  readonly own: { readonly certificate: string; readonly key: string } | null;
  readonly serverName: string | null;
}

/**
 * PS3.15, B.12, which follows RFC 9325: TLS 1.2 at the least, with forward secrecy and authenticated encryption; 1.3 where both
 * know it. The newest PACS of a hospital and one of fifteen years ago both know some of these.
 */
const CIPHERS = [
  ...['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ...['DHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-AES128-GCM-SHA256'],
].join(':');

/**
 * Reads and checks the files, so that what is wrong with them is said by name and not by the library of TLS.
 * @param home to which their paths are relative
 * @throws {FederationError} `CONFIG_INVALID` for a file that is missing, no PEM, no longer valid, readable by others (the key),
 *   or a key of another certificate
 */
export async function readDicomTls(
  fields: TlsFields,
  home: string | null,
  now = new Date(),
): Promise<DicomTls> {
  const { caFile, certificateFile, keyFile, serverName = null } = fields;
  const at = (file: string): string => resolve(home ?? '.', file);
  const ca = caFile === undefined ? null : await readCertificate(at(caFile), now);
  if (certificateFile === undefined || keyFile === undefined)
    return { ca: ca?.pem ?? null, own: null, serverName };
  const own = await readCertificate(at(certificateFile), now);
  const key = await readPrivateFile(at(keyFile));
  checkKey(own.first, key, at(certificateFile), at(keyFile));
  return { ca: ca?.pem ?? null, own: { certificate: own.pem, key }, serverName };
}

/** @param host that is called: what the certificate must be for, unless another name is set */
export function clientOptions(tls: DicomTls, host: string): ConnectionOptions {
  const name = tls.serverName ?? host;
  // A name that is an address is checked and not sent (RFC 6066, 3).
  return {
    ...contextOptions(tls),
    ...(isIP(name) === 0 && { servername: name }),
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
}

/** Both sides show a certificate, and theirs is of the same CA as when we call them. */
export function serverOptions(tls: DicomTls): SecureContextOptions & {
  readonly requestCert: true;
  readonly rejectUnauthorized: true;
} {
  return { ...contextOptions(tls), requestCert: true, rejectUnauthorized: true };
}

function contextOptions({ ca, own }: DicomTls): SecureContextOptions {
  return {
    ...{ minVersion: 'TLSv1.2', ciphers: CIPHERS, honorCipherOrder: true, dhparam: 'auto' },
    ...(ca !== null && { ca }),
    ...(own !== null && { cert: own.certificate, key: own.key }),
  };
}

async function readCertificate(path: string, now: Date): Promise<{ pem: string; first: X509Certificate }> {
  const pem = await readFile(path, 'utf8').catch((cause: Error) => {
    throw invalid(`${path} cannot be read (${cause.message})`, cause);
  });
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const certificates = blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw invalid(`${path} holds a damaged certificate`, cause);
    }
  });
  const [first] = certificates;
  if (first === undefined) throw invalid(`${path} holds no certificate in PEM`);
  for (const { validFrom, validTo, subject } of certificates) {
    const name = subject.split('\n').at(-1) ?? '';
    if (Date.parse(validTo) < now.getTime()) throw invalid(`In ${path} ${name} was valid until ${validTo}`);
    if (Date.parse(validFrom) > now.getTime())
      throw invalid(`In ${path} ${name} is not valid before ${validFrom}`);
  }
  return { pem, first };
}

function checkKey(certificate: X509Certificate, pem: string, certificateFile: string, keyFile: string): void {
  let isTheirs: boolean;
  try {
    isTheirs = certificate.checkPrivateKey(createPrivateKey(pem));
  } catch (cause) {
    throw invalid(`${keyFile} holds no private key in PEM without a passphrase`, cause);
  }
  if (!isTheirs) throw invalid(`The key in ${keyFile} is not that of the certificate in ${certificateFile}`);
}

function invalid(what: string, cause?: unknown): FederationError {
  return new FederationError('CONFIG_INVALID', `${what}.`, { cause });
}
