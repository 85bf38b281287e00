import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { findOrthanc } from './orthanc-packages.js';

const START_MS = 60_000;

/** A PACS of this machine, with nothing in it. */
export interface Orthanc {
  readonly aeTitle: string;
  readonly dicomPort: number;
  /** Of the only program that it admits; C-MOVE sends to it at `storePort`. */
  readonly clientAe: string;
  readonly storePort: number;
  /** Root of DICOMweb. */
  readonly webUrl: string;
  readonly user: string;
  readonly password: string;
  upload(file: Uint8Array): Promise<void>;
  stop(): Promise<void>;
}

/** Files, PEM. */
export interface OrthancTls {
  readonly certificate: string;
  readonly key: string;
  /** Whose certificates it takes; it wants one from everybody. */
  readonly trusted: string;
}

export interface OrthancOptions {
  /** Then it speaks DICOM over TLS alone, to the client as well. */
  readonly tls?: OrthancTls;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Starts Orthanc on free ports of the loopback, with folders of its own.
 * @returns the reason as text when this machine has none
 */
export async function startOrthanc(options: OrthancOptions = {}): Promise<Orthanc | string> {
  const found = await findOrthanc();
  if (typeof found === 'string') return found;
  const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-orthanc-'));
  const [httpPort, dicomPort, storePort] = [await freePort(), await freePort(), await freePort()];
  const [user, password] = ['site', 'only-for-tests'];
  const [aeTitle, clientAe] = ['TESTPACS', 'TESTSITE'];
  const settings = {
    ...{ Name: 'test', StorageDirectory: folder, IndexDirectory: folder, Plugins: found.plugins },
    ...{ HttpPort: httpPort, RemoteAccessAllowed: false },
    ...{ AuthenticationEnabled: true, RegisteredUsers: { [user]: password } },
    ...{ DicomAet: aeTitle, DicomPort: dicomPort, DicomCheckCalledAet: true },
    DicomModalities: {
      site: {
        ...{ AET: clientAe, Host: '127.0.0.1', Port: storePort, UseDicomTls: options.tls !== undefined },
        ...{ AllowEcho: true, AllowFind: true, AllowGet: true, AllowMove: true, AllowStore: true },
      },
    },
    DicomWeb: { Enable: true, Root: '/dicom-web/', EnableWado: false, Ssl: false },
    SaveJobs: false,
    ...(options.tls !== undefined && {
      ...{ DicomTlsEnabled: true, DicomTlsRemoteCertificateRequired: true },
      ...{ DicomTlsCertificate: options.tls.certificate, DicomTlsPrivateKey: options.tls.key },
      DicomTlsTrustedCertificates: options.tls.trusted,
    }),
  };
  await writeFile(join(folder, 'orthanc.json'), JSON.stringify(settings));
  const server = spawn(found.program, [join(folder, 'orthanc.json')], {
    ...{ stdio: ['ignore', 'ignore', 'pipe'], env: { ...found.environment, ...options.environment } },
  });
  const root = `http://127.0.0.1:${httpPort}`;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const stop = async (): Promise<void> => {
    await ended(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await started(server, () => fetch(`${root}/system`, { headers: { authorization } }));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ aeTitle, dicomPort, clientAe, storePort, user, password, webUrl: `${root}/dicom-web`, stop },
    async upload(file) {
      const headers = { authorization, 'content-type': 'application/dicom' };
      const body = new Uint8Array(file);
      const answer = await fetch(`${root}/instances`, { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(`Orthanc refuses a film with status ${answer.status}`);
    },
  };
}

/** Resolves when it answers. */
async function started(server: ChildProcess, ask: () => Promise<Response>): Promise<void> {
  let log = '';
  server.stderr?.on('data', (text: Buffer) => (log += text.toString()));
  const end = Date.now() + START_MS;
  while (Date.now() < end && server.exitCode === null) {
    const answer = await ask().catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Orthanc does not start: ${log}`);
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGTERM');
  await exited;
}
