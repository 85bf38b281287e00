import { resolve } from 'node:path';
import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { threadVariables } from '@fedoxnet/site-agent/agent/thread-variables';
import { agentConfig } from '@fedoxnet/site-agent/config';

describe('configuration of a site', () => {
  it('waits for its coordinator for ever unless patience is given, in seconds', () => {
    const settings = { home: 'home', data: 'data', backend: 'auto' } as const;
    expect(agentConfig(settings)).to.include({
      patienceMs: Infinity,
      home: resolve('home'),
      data: resolve('data'),
    });
    expect(agentConfig({ ...settings, patience: 2.5 })).to.include({ patienceMs: 2500, takeoverMs: 2500 });
  });

  it('keeps films and keys apart', () => {
    expect(() => agentConfig({ home: 'a', data: './a/', backend: 'auto' }))
      .to.throw(FederationError)
      .with.property('code', 'CONFIG_INVALID');
  });

  it('tells the trainer how many threads to use only when it was told', () => {
    expect(threadVariables(undefined)).to.deep.equal({});
    expect(threadVariables(3)).to.include({ TF_NUM_INTRAOP_THREADS: '3', OMP_NUM_THREADS: '3' });
  });
});
