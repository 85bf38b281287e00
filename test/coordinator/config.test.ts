import { expect } from 'chai';
import { readConfig } from '@fedoxnet/coordinator/config';

const TLS = { tlsCert: 'cert.pem', tlsKey: 'key.pem' };

describe('configuration of the coordinator', () => {
  it('takes options over the environment and that over defaults; an empty variable is none', () => {
    const env = { FEDOXNET_PORT: '1', FEDOXNET_HOST: '', FEDOXNET_PUBLIC_URL: 'https://fed.example/' };
    expect(readConfig({ port: '2' }, env)).to.deep.include({
      port: 2,
      host: '127.0.0.1',
      publicUrl: 'https://fed.example',
      tls: null,
      behindProxy: false,
    });
    expect(readConfig({}, env).port).to.equal(1);
  });

  it('serves other machines only with TLS, behind a proxy, or when told not to mind', () => {
    for (const host of ['0.0.0.0', '::', '10.1.2.3', 'coordinator.example']) {
      expect(() => readConfig({ host }, {}), host).to.throw('--tls-cert and --tls-key');
      expect(readConfig({ host, ...TLS }, {}).tls).to.deep.equal({ cert: 'cert.pem', key: 'key.pem' });
      expect(readConfig({ host, behindProxy: true }, {}).behindProxy).to.equal(true);
      expect(readConfig({ host, plainHttp: true }, {}).host).to.equal(host);
      expect(readConfig({ host }, { FEDOXNET_BEHIND_PROXY: '1' }).behindProxy).to.equal(true);
    }
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) {
      expect(readConfig({ host }, {}).host).to.equal(host);
    }
  });

  it('names the setting that is wrong, never its value', () => {
    const wrong = (options: object, env: NodeJS.ProcessEnv = {}): string => {
      try {
        readConfig(options, env);
        return 'accepted';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(wrong({ port: '70000' })).to.match(/^--port or FEDOXNET_PORT: /);
    expect(wrong({ databaseUrl: 'mysql://u:secret@h/d' }))
      .to.match(/^--database-url.*postgres/)
      .and.not.contain('secret');
    expect(wrong({ tlsCert: 'cert.pem' })).to.equal(
      '--tls-key or FEDOXNET_TLS_KEY: a certificate and its key come together.',
    );
    expect(wrong({ ...TLS, behindProxy: true })).to.contain('either TLS ends here, or it does not');
    expect(wrong({}, { FEDOXNET_PLAIN_HTTP: 'maybe' })).to.match(/^--plain-http or FEDOXNET_PLAIN_HTTP: /);
    expect(wrong({ publicUrl: 'ftp://fed.example' })).to.match(/^--public-url/);
  });
});
