import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { lockHome } from '@fedoxnet/site-agent/agent/agent-lock';
import { claimOf } from '@fedoxnet/site-agent/files/process-lock';
import { rejection } from '../../support/rejection.js';
import { scratchFolder } from './support/scratch.js';

describe('agent lock', () => {
  const home = scratchFolder();

  it('refuses a second agent while the first lives, and takes over when it is gone', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    try {
      await writeFile(await claimOf(join(home(), 'agent.lock'), other.pid!), '');
      const error = await rejection(lockHome(home()));
      expect(error.code).to.equal('SITE_ALREADY_CONNECTED');
      expect(error.message).to.include(String(other.pid)).and.include(home());
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    const unlock = await lockHome(home());
    unlock();
  });

  it('may be taken again after it was released', async () => {
    (await lockHome(home()))();
    (await lockHome(home()))();
  });
});
