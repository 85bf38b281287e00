import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PYTHON, whyNoPython } from '../shared/python-peer.js';
import { skipBecause } from '../support/skip-because.js';
import { Federation } from './support/federation.js';
import { massesOf } from './support/masses-of.js';
import { modelFile } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';

const SCRIPT = fileURLToPath(new URL('../../python-site/site.py', import.meta.url));
const MODULES = ['nacl', 'cryptography', 'safetensors.numpy', 'numpy', 'requests', 'socketio'];

interface Said {
  readonly event: string;
  readonly [field: string]: unknown;
}

describe('a site written in Python from the protocol alone', () => {
  let federation: Federation;
  before(async function () {
    const reason = whyNoPython(MODULES);
    if (reason !== null) skipBecause(this, reason);
    federation = await Federation.start(1000);
  });
  after(() => (federation as Federation | undefined)?.close());

  it('enrols, takes part in two rounds beside an agent of ours, and is counted', async () => {
    const plan = smallPlan({ sites: ['north', 'python'] });
    const stem = { shape: [3], values: new Float32Array([1, -2, 0.5]) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    await federation.enrol('north', plan);
    federation.startAgent('north', { delta: 1, masses: massesOf(3) });

    const args = ['--url', federation.address, '--invitation', await federation.invite('python')];
    const python = spawn(PYTHON, [SCRIPT, ...args, '--site', 'python', '--delta', '5'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said: Said[] = [];
    const ended = new Promise<number | null>((resolve) => python.once('close', resolve));
    createInterface(python.stdout).on('line', (line) => said.push(JSON.parse(line) as Said));
    await federation.untilAllReady('small');
    await federation.startStudy(plan);
    expect(await ended, JSON.stringify(said)).to.equal(0);

    // Each round adds (3 · 1 + 1 · 5) / (3 + 1) = 2 to every weight.
    const { weights } = await federation.release('small', 2);
    expect([...(weights.get('stem.weight')?.values ?? [])]).to.deep.equal([5, 2, 4.5]);
    const { history } = await federation.status('small');
    expect(history.map(({ sites }) => sites.map(({ site, state }) => [site, state]))).to.deep.equal(
      Array(2).fill([
        ['north', 'counted'],
        ['python', 'counted'],
      ]),
    );
    expect(said.map(({ event }) => event).filter((event) => event !== 'closed')).to.deep.equal([
      ...['enrolled', 'approved', 'connected'],
      ...['uploaded', 'countersigned', 'evaluated'],
      ...['uploaded', 'countersigned', 'evaluated'],
      'ended',
    ]);
  });
});
