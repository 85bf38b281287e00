import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Who signs it; itself without. */
  readonly authority?: Certificate;
  /** What it is for, as OpenSSL writes it. */
  readonly names?: string;
}

/** A certificate in `folder`, for 127.0.0.1 where nothing else is said, or why there is none. */
export async function makeCertificate(
  folder: string,
  name: string,
  { authority, names = 'IP:127.0.0.1' }: CertificateOptions = {},
): Promise<Certificate | string> {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`, '-days', '2'];
  const signer = authority === undefined ? [] : ['-CA', authority.cert, '-CAkey', authority.key];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  try {
    await run('openssl', ['req', '-x509', ...curve, ...signer, '-keyout', key, '-out', cert, ...subject]);
    return { cert, key };
  } catch (error) {
    return `openssl cannot make a certificate: ${(error as Error).message.split('\n')[0]}`;
  }
}
