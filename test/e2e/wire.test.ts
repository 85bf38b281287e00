import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fork, type ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { type encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { Federation } from './support/federation.js';
import { findLeaks } from './support/leak-search.js';
import { massesOf } from './support/masses-of.js';
import type { AgentSettings } from './support/running-agent.js';
import { modelFile, randomModel } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';
import { WireTap } from './support/wire-tap.js';

const AGENT = fileURLToPath(new URL('./support/agent-main.js', import.meta.url));
const MASSES = { ...massesOf(1), films: 2, positives: 2 };
/** Numbers of a model whose file has three chunks: two full ones and a short one. */
const THREE_CHUNKS = (2 * CHUNK_BYTES) / 4 + 1000;

describe('the line between a site and its coordinator', () => {
  let federation: Federation;
  let tap: WireTap;
  before(async () => (federation = await Federation.start()));
  after(() => federation.close());
  beforeEach(async () => (tap = await WireTap.before(federation.address)));
  afterEach(() => tap.close());

  const planFor = (study: string) => smallPlan({ study, sites: [`site-of-${study}`], quorum: 1, rounds: 1 });

  it('carries neither films nor weights that anyone could read', async () => {
    const plan = planFor('private');
    const [site] = plan.sites as [string];
    const model = randomModel(20_000, 7);
    const pixels = randomBytes(64 * 64);
    await federation.createStudy(plan, modelFile(model));
    await federation.enrol(site, plan, tap.address);
    await writeFile(join(federation.data(site), 'film.png'), pixels);
    const agent = federation.startAgent(site, { delta: 0.001, ramp: true, masses: MASSES });
    await federation.until('private', ({ sites }) => sites.every((entry) => entry.approved));
    await federation.startStudy(plan);
    await agent.next('ended');

    const values = model.get('stem.weight')?.values ?? new Float32Array();
    const update = new Map([['u', { shape: [20_000], values: values.map((_, index) => 0.001 * index) }]]);
    const released = (await federation.release('private', 1)).weights;
    const recording = tap.recording();
    const leaks = findLeaks(recording, [
      { name: 'release 0', bytes: payload(model) },
      { name: 'the update', bytes: payload(update) },
      { name: 'release 1', bytes: payload(released) },
      { name: 'the film', bytes: pixels },
    ]);
    expect(leaks).to.deep.equal([]);
    // The tap did see the whole round: release 0 down, update up, release 1 down, 80 kB each; and nothing was packed
    // in a way the search cannot look into.
    expect(recording.length).to.be.greaterThan(3 * 80_000);
    const text = recording.toString('latin1');
    expect(text)
      .to.include('PUT /v1/uploads/')
      .and.include('/releases/1/chunks/0')
      .and.include('/socket.io/');
    expect(text).to.not.match(/content-encoding|permessage-deflate; *server|patient-of|film-site/i);
    const { sent, received } = traffic(agent.of('evaluated')[0]);
    expect(sent).to.be.within(80_000, recording.length);
    expect(received).to.be.within(160_000, recording.length);
  });

  it('may break within a chunk: finished chunks are not sent again', async () => {
    const plan = planFor('broken');
    const [site] = plan.sites as [string];
    await federation.createStudy(plan, modelFile(randomModel(THREE_CHUNKS, 8)));
    await federation.enrol(site, plan, tap.address);
    let breaks = 0;
    let inChunk = 0;
    let broken: Socket | null = null;
    tap.cut = (bytes, connection) => {
      if (breaks === 1) return false;
      if (beginsChunk(bytes, 1)) broken = connection;
      if (connection !== broken) return false;
      inChunk += bytes.length;
      if (inChunk < CHUNK_BYTES / 2) return false;
      breaks += 1;
      return true;
    };
    const agent = federation.startAgent(site, { delta: 0.5, masses: MASSES });
    await federation.until('broken', ({ sites }) => sites.every((entry) => entry.approved));
    await federation.startStudy(plan);
    await agent.next('ended');

    expect(breaks).to.equal(1);
    expect(chunksSent(tap).sort()).to.deep.equal([0, 1, 1, 2]);
    const before = randomModel(1, 8).get('stem.weight')?.values[0] ?? NaN;
    const after = (await federation.release('broken', 1)).weights.get('stem.weight')?.values[0];
    expect(after).to.equal(Math.fround(before + 0.5));
  });

  it('may lose its agent to kill −9 after training: the next one sends what is left and trains nothing', async () => {
    const plan = planFor('killed');
    const [site] = plan.sites as [string];
    await federation.createStudy(plan, modelFile(randomModel(THREE_CHUNKS, 9)));
    await federation.enrol(site, plan, tap.address);
    const settings = federation.settings(site, { delta: 0.5, masses: MASSES });
    const first = startAgentProcess(settings);
    tap.cut = (bytes) => {
      if (first.killed || !beginsChunk(bytes, 2)) return false;
      first.kill('SIGKILL');
      return true;
    };
    try {
      await federation.until('killed', ({ sites }) => sites.every((entry) => entry.approved));
      await federation.startStudy(plan);
      await once(first, 'exit');
    } finally {
      first.kill('SIGKILL');
    }
    const second = startAgentProcess(settings);
    try {
      await federation.until('killed', ({ state }) => state === 'finished');
    } finally {
      second.kill('SIGKILL');
      await once(second, 'exit');
    }
    // Two travel side by side, so one of the first two had arrived when the third began; what had not is sent once more.
    const times = [0, 1, 2].map((index) => chunksSent(tap).filter((sent) => sent === index).length);
    expect(times.slice(0, 2)).to.include(1);
    for (const count of times) expect(count).to.be.within(1, 2);
    const diary = (await readFile(federation.diary(site), 'utf8')).split('\n');
    expect(diary.filter((line) => line.startsWith('train'))).to.deep.equal(['train 1 1']);
  });
});

function beginsChunk(bytes: Buffer, index: number): boolean {
  return new RegExp(`^PUT /v1/uploads/[^/]+/chunks/${index} HTTP`, 'm').test(bytes.toString('latin1'));
}

/** The tensors alone: names and shapes of a model are no secret. */
function payload(weights: Parameters<typeof encodeSafetensors>[0]): Uint8Array {
  const numbers = [...weights.values()].map(({ values }) => values);
  return Buffer.concat(
    numbers.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}

function chunksSent(tap: WireTap): number[] {
  return tap.requests('PUT').map((path) => Number(path.split('/').at(-1)));
}

function traffic(event: { bytesSent: number; bytesReceived: number } | undefined) {
  return { sent: event?.bytesSent ?? 0, received: event?.bytesReceived ?? 0 };
}

function startAgentProcess(settings: AgentSettings): ChildProcess {
  return fork(AGENT, [JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}
