import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConsoleDoor, SESSION_MS } from '@fedoxnet/site-agent/console/access/console-door';
import { setConsolePassword } from '@fedoxnet/site-agent/console/access/console-password';

const PASSWORD = 'films stay where they are';

/** The code of what is thrown. */
const codeOf = async (act: () => unknown): Promise<string | undefined> => {
  try {
    await act();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('door of the site console', () => {
  let home: string;
  let at: number;
  let door: ConsoleDoor;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'fedoxnet-door-'));
    at = 1_000_000;
    door = new ConsoleDoor(home, () => at);
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('lets an entry in once, and not after a quarter of an hour', async () => {
    const entry = door.makeEntry();
    door.check(await door.enter(entry));
    expect(await codeOf(() => door.enter(entry)), 'twice').to.equal('CONSOLE_REFUSED');
    const late = door.makeEntry();
    at += 15 * 60_000 + 1;
    expect(await codeOf(() => door.enter(late)), 'late').to.equal('CONSOLE_REFUSED');
  });

  it('asks for cookie and key of one session, until it ends', async () => {
    const one = await door.enter(door.makeEntry());
    const other = await door.enter(door.makeEntry());
    door.check(one);
    expect(await codeOf(() => door.check({ cookie: one.cookie }))).to.equal('SESSION_INVALID');
    expect(await codeOf(() => door.check({ key: one.key }))).to.equal('SESSION_INVALID');
    expect(await codeOf(() => door.check({ cookie: one.cookie, key: other.key }))).to.equal(
      'SESSION_INVALID',
    );
    door.signOut(one.cookie);
    expect(await codeOf(() => door.check(one))).to.equal('SESSION_INVALID');
    at += SESSION_MS;
    door.check(other);
    at += 1;
    expect(await codeOf(() => door.check(other))).to.equal('SESSION_INVALID');
  });

  it('takes the password and nothing else; its file is for its owner alone and does not hold it', async () => {
    expect(await codeOf(() => door.signIn(PASSWORD)), 'none is set').to.equal('CONSOLE_REFUSED');
    await setConsolePassword(home, PASSWORD);
    door.check(await door.signIn(PASSWORD));
    expect(await codeOf(() => door.signIn(`${PASSWORD} `))).to.equal('CONSOLE_REFUSED');
    const path = join(home, 'console-password.json');
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    const text = await readFile(path, 'utf8');
    expect(text).to.contain('scrypt$');
    expect(text).to.not.contain(PASSWORD);
  });

  it('stops after eight wrong passwords, also side by side, for a quarter of an hour', async () => {
    await setConsolePassword(home, PASSWORD);
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(() => door.signIn('wrong'))));
    expect(codes.filter((code) => code === 'RATE_LIMITED')).to.have.length(2);
    expect(await codeOf(() => door.signIn(PASSWORD)), 'even the right one').to.equal('RATE_LIMITED');
    at += 15 * 60_000 + 1;
    door.check(await door.signIn(PASSWORD));
  });
});
