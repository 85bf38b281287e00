import { expect } from 'chai';
import { io, type Socket } from 'socket.io-client';
import { isErrorCode } from '@fedoxnet/shared/errors';
import { MAX_SOCKET_BYTES } from '@fedoxnet/shared/protocol/limits';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { Dice } from '../dice.js';
import { FUZZ_SEED, fuzzCount, sayProgress } from '../fuzz-size.js';
import { liveHeapBytes } from '../live-heap.js';
import { BesiegedStudy, CHANGE_PER_ROUND, STUDY, type BesiegedSite } from './besieged-study.js';
import { mutateJson } from './mutate-json.js';
import { RawClient, someAddress } from './raw-client.js';
import { EVENTS, PACKETS, WORK } from './socket-inputs.js';

const COUNT = fuzzCount('FEDOXNET_FUZZ_EVENTS', 2000);
const MAX_GROWTH_BYTES = 4e6;
const ANSWER_MS = 20_000;
/** A handshake costs as much as many events. */
const ONE_HANDSHAKE_IN = 20;

describe('hostile sockets', function () {
  this.timeout(0);
  let study: BesiegedStudy;
  let client: RawClient;
  let a: BesiegedSite;
  let b: BesiegedSite;
  const faults: string[] = [];
  const seen = new Map<string, number>();
  let described: unknown = null;
  /** `steps` of the last progress that was taken. */
  let progressed: unknown = 9;

  before(async () => {
    study = await BesiegedStudy.start(1);
    client = new RawClient(study.url, 4);
    [a, b] = study.sites as [BesiegedSite, BesiegedSite];
    const [, progress] = EVENTS;
    await a.socket?.emitWithAck('round:progress', progress?.example);
  });
  after(async () => {
    client.close();
    await study.remove();
  });

  /** Progress is stored every few seconds, all of it or nothing: a message that the database refuses would keep it all out. */
  async function storedSteps(due: unknown): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      const latest = await study.coordinator.database.stores.rounds.latest(STUDY);
      const steps = latest?.sites.find(({ site }) => site === a.name)?.steps;
      if (steps === due || tries === 400) return steps;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  function note(what: string): void {
    seen.set(what, (seen.get(what) ?? 0) + 1);
  }

  /** An event of a signed-in site: taken if it is a message of its work, refused by name if not. */
  async function sendEvent(dice: Dice): Promise<void> {
    const { name, schema, example } = dice.pick(EVENTS);
    // Through text, as on the wire.
    const text = JSON.stringify(mutateJson(example, dice)) ?? 'null';
    if (isTooLong(text)) return note('too long');
    const message = JSON.parse(text) as unknown;
    const more = dice.below(10) === 0 ? [dice.below(9), null] : [];
    const socket = a.socket as Socket;
    if (dice.below(20) === 0) {
      // With nowhere to answer to, or with no message at all.
      socket.emit(name, ...dice.pick([[example], [], [null, null], [1, 2, 3]]));
      if (name === 'site:describe') socket.emit(name, example);
      if (name === 'site:describe') described = example;
      return;
    }
    if (more.length > 0) {
      socket.emit(
        dice.pick(['x', 'round:invite', '__proto__', 'toString', '', 'site:describe ']),
        message,
        ...more,
      );
      return;
    }
    const reply: unknown = await socket.timeout(ANSWER_MS).emitWithAck(name, message);
    const parsed = schema.safeParse(message);
    const isDue = parsed.success && (name === 'site:describe' || isWork(parsed.data));
    const isTaken = JSON.stringify(reply) === '{}';
    const code = (reply as { error?: { code?: unknown } } | null)?.error?.code;
    note(`${name}: ${isTaken ? 'taken' : String(code)}`);
    const isNamed = parsed.success
      ? code === 'ROUND_CLOSED' || code === 'NOT_FOUND'
      : code === 'MESSAGE_INVALID';
    if (isDue ? !isTaken : !isNamed) {
      faults.push(`${name}: ${JSON.stringify(reply)} to ${JSON.stringify(message)?.slice(0, 1000)}`);
    }
    if (isTaken && name === 'site:describe') described = parsed.data;
    if (isTaken && name === 'round:progress') progressed = (message as { steps: unknown }).steps;
  }

  /** Someone without a session, or with one of another kind, knocks at a namespace. */
  async function knock(dice: Dice): Promise<void> {
    const namespace = dice.pick(['/sites', '/sites', '/sites', '/dashboard', '/', '/admin', '/__proto__']);
    const tokens = [b.session, study.coordinator.tokens.viewer, 'x'.repeat(43), a.session.slice(1)];
    const auth = mutateJson({ token: dice.pick(tokens), protocol: PROTOCOL }, dice) as object;
    const socket = io(`${study.url}${namespace}`, {
      ...{ auth, forceNew: true, reconnection: false, timeout: ANSWER_MS, transports: ['websocket'] },
    });
    const outcome = await new Promise<string>((resolve) => {
      socket.once('connect', () => resolve('connected'));
      // What is no packet at all ends the connection; a refusal does too, and is told a moment later.
      socket.io.once('close', () => setImmediate(() => resolve('ended')));
      socket.once('connect_error', (error: Error & { data?: { error?: { code?: string } } }) =>
        resolve(error.data?.error?.code ?? error.message),
      );
    });
    socket.close();
    note(`knock at ${namespace}: ${outcome}`);
    const { token } = (auth ?? {}) as { token?: unknown };
    const mayLook = namespace === '/dashboard' && token === study.coordinator.tokens.viewer;
    const isUnknown = outcome === 'Invalid namespace' && !['/sites', '/dashboard'].includes(namespace);
    const isPacket =
      !isTooLong(JSON.stringify(auth)) &&
      (auth === null || (typeof auth === 'object' && !Array.isArray(auth)));
    const isRefused = isErrorCode(outcome) || isUnknown || (outcome === 'ended' && !isPacket);
    if (outcome === 'connected' ? !mayLook : !isRefused) {
      faults.push(`${namespace} answered ${outcome} to ${JSON.stringify(auth)?.slice(0, 500)}`);
    }
  }

  /** Broken packets on a connection of a stranger's own; the server may end it, and nothing else. */
  async function sendPackets(dice: Dice): Promise<void> {
    const path = '/socket.io/?EIO=4&transport=polling';
    const headers = { 'content-type': 'text/plain;charset=UTF-8', 'x-forwarded-for': someAddress(dice) };
    const opened = await client.send({ method: 'GET', path, headers });
    const sid = /"sid":"([^"]+)"/.exec(opened.body)?.[1] ?? 'x';
    const packets = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(PACKETS)).join('\u001e');
    const place = dice.below(5) === 0 ? dice.pick(['x', '', '__proto__', `${sid}x`]) : sid;
    const { status } = await client.send({
      method: 'POST',
      path: `${path}&sid=${place}`,
      headers,
      body: packets,
    });
    note(`packets: ${status}`);
    if (status !== 200 && status !== 400 && status !== 413)
      faults.push(`${JSON.stringify(packets.slice(0, 300))}: ${status}`);
    // Ends the connection, if it still is one.
    await client.send({ method: 'POST', path: `${path}&sid=${sid}`, headers, body: '1' });
  }

  /** The signed-in site's own connection breaks down in rubbish, and is opened again. */
  async function breakDown(dice: Dice): Promise<void> {
    const socket = b.socket as Socket;
    const ended = new Promise((resolve) => socket.once('disconnect', resolve));
    const { engine } = socket.io as unknown as { engine: { write(packet: string): void } };
    engine.write(dice.pick(['9', '2/sites,["x"', '51-/sites,["x"]', '2/sites,{"a":1}', '4/sites,']));
    // What the server takes for an unfinished packet it waits to see the end of; any other one breaks that off.
    engine.write('0');
    engine.write('9');
    await ended;
    await b.takePart();
    await study.until(({ history }) => history[0]?.sites[1]?.state === 'accepted');
    note('broken down and back');
  }

  it(`${COUNT} events, handshakes and packets, seed ${FUZZ_SEED}: each is refused by name or is due, and nothing is changed`, async () => {
    const before = await study.state();
    const dice = new Dice(FUZZ_SEED);
    const held: number[] = [];
    for (let number = 0; number < COUNT; number++) {
      if (number % 500 === 250) await breakDown(dice);
      else if (dice.below(ONE_HANDSHAKE_IN) > 0) await sendEvent(dice);
      else await dice.pick([knock, sendPackets])(dice);
      if (number === Math.floor(COUNT / 2)) held.push(await liveHeapBytes());
      sayProgress('events', number, COUNT);
    }
    held.push(await liveHeapBytes());
    expect(faults).to.deep.equal([]);
    expect(await study.state()).to.deep.equal(before);
    const row = await study.coordinator.database.stores.sites.find(a.name);
    expect(row?.description).to.deep.equal(described);
    // Takes as long as progress is kept unwritten.
    if (COUNT > 10_000) expect(await storedSteps(progressed)).to.equal(progressed);
    const growth = (held[1] ?? 0) - (held[0] ?? 0);
    if (COUNT >= 10_000) {
      process.stderr.write(
        `${growth} bytes more are held after the second half; ${JSON.stringify(Object.fromEntries([...seen].sort()))}\n`,
      );
    }
    expect(growth, 'bytes that the second half left behind').to.be.below(MAX_GROWTH_BYTES);
  });

  it('leave the sites their connections: a second one is refused, and the study goes on', async () => {
    const refused = await a.connect().then(
      () => 'connected',
      (error: unknown) => (error as Error).message,
    );
    expect(refused).to.equal('SITE_ALREADY_CONNECTED');
    for (const site of study.sites) expect((await site.send(site.update)).status).to.equal(200);
    await study.until(({ state }) => state === 'finished');
    expect(await study.numbersIn(1)).to.deep.equal([CHANGE_PER_ROUND]);
  });
});

/** For a socket: it would end the connection, as it should. */
function isTooLong(text: string): boolean {
  return Buffer.byteLength(text) > MAX_SOCKET_BYTES - 1000;
}

function isWork(message: unknown): boolean {
  const { study, round, attempt } = message as { study: unknown; round: unknown; attempt: unknown };
  return study === WORK.study && round === WORK.round && attempt === WORK.attempt;
}
