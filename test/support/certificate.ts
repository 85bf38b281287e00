import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for 127.0.0.1 in `folder`, or why there is none. */
export async function selfSigned(folder: string, name: string): Promise<Certificate | string> {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  try {
    await run('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject]);
    return { cert, key };
  } catch (error) {
    return `openssl cannot make a certificate: ${(error as Error).message.split('\n')[0]}`;
  }
}
