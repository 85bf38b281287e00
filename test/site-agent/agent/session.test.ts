import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { hello } from '@fedoxnet/shared/protocol/http-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { announceKeys } from '@fedoxnet/shared/sealing/key-succession';
import { generateKeys, publicKeysOf, type SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { SESSION_LABEL, sessionText } from '@fedoxnet/shared/sealing/session-texts';
import { verifyText } from '@fedoxnet/shared/sealing/signature';
import { HttpClient } from '@fedoxnet/site-agent/agent/http-client';
import type { Identity } from '@fedoxnet/site-agent/agent/identity';
import { Session } from '@fedoxnet/site-agent/agent/session';
import { codeOf } from '../../support/rejection.js';
import { startProtocolServer, type ProtocolServer } from './support/protocol-server.js';

describe('session', () => {
  let server: ProtocolServer;
  let identity: Identity;
  let now: number;
  beforeEach(async () => {
    now = Date.now();
    server = await startProtocolServer();
    const coordinator = publicKeysOf(server.keys);
    identity = { version: 1, site: 'north', address: server.address, coordinator, keys: generateKeys() };
  });
  afterEach(() => server.close());
  const newSession = () =>
    new Session(identity, new HttpClient(server.address, { sent: 0, received: 0 }), () => now);

  it("signs the challenge with the site's key", async () => {
    const signIn = server.routes.get('POST /v1/sites/session');
    let verified = false;
    server.routes.set('POST /v1/sites/session', (seen) => {
      const { site, challenge, nonce, signature } = JSON.parse(seen.body.toString()) as Record<
        string,
        string
      >;
      const text = sessionText(site ?? '', challenge ?? '', nonce ?? '');
      verified = verifyText(SESSION_LABEL, text, signature ?? '', publicKeysOf(identity.keys).signKey);
      return signIn?.(seen);
    });
    expect(await newSession().token()).to.equal(server.tokens[0]);
    expect(verified).to.equal(true);
  });

  it('signs in once for requests side by side, and again when four fifths of the hour have passed', async () => {
    const session = newSession();
    const tokens = await Promise.all([session.token(), session.token(), session.token()]);
    expect(new Set(tokens).size).to.equal(1);
    now += 2_879_000; // 0.8 · 3600 s − 1 s
    await session.token();
    expect(server.tokens).to.have.length(1);
    now += 2000;
    const signIn = server.routes.get('POST /v1/sites/session');
    let shown: string | null = null;
    server.routes.set('POST /v1/sites/session', (seen) => {
      shown = seen.token;
      return signIn?.(seen);
    });
    await session.token();
    expect(server.tokens).to.have.length(2);
    expect(shown, 'so that it is known as the same agent').to.equal(server.tokens[0]);
  });

  describe('with a coordinator that replaced its keys', () => {
    const old = generateKeys();
    const pinned = publicKeysOf(old);
    const announce = (from: SiteKeys): void => {
      identity = { ...identity, coordinator: pinned };
      const coordinator = publicKeysOf(server.keys);
      const succession = [announceKeys(from, server.keys)];
      server.routes.set('GET /v1/hello', () => ({ protocol: PROTOCOL, coordinator, succession }));
    };

    it('follows when the pinned keys announced it, and knows the old key as one of before', async () => {
      announce(old);
      await newSession().token();
      expect(identity.coordinator).to.deep.equal(publicKeysOf(server.keys));
      expect(identity.formerSignKeys).to.deep.equal([pinned.signKey]);
    });

    it('does not follow an announcement of other keys than the pinned ones', async () => {
      announce(generateKeys());
      expect(await codeOf(newSession().token())).to.equal('COORDINATOR_KEY_CHANGED');
      expect(identity.coordinator).to.deep.equal(pinned);
    });

    it('pins nothing before the new keys have proved themselves: an announcement can be shown by anyone', async () => {
      announce(old);
      const signature = Buffer.alloc(64, 1).toString('base64');
      server.routes.set('POST /v1/sites/session', () => ({
        ...{ token: 't'.repeat(32), expiresAt: new Date(now + 60_000).toISOString(), signature },
      }));
      expect(await codeOf(newSession().token())).to.equal('COORDINATOR_KEY_CHANGED');
      expect(identity.coordinator).to.deep.equal(pinned);
    });
  });

  it('refuses a coordinator that shows other keys, before it asks for a challenge', async () => {
    identity = { ...identity, coordinator: publicKeysOf(generateKeys()) };
    expect(await codeOf(newSession().token())).to.equal('COORDINATOR_KEY_CHANGED');
    expect(server.requests).to.deep.equal(['GET /v1/hello']);
  });

  it('refuses a coordinator that shows the pinned keys and cannot sign with them', async () => {
    const imposter = await startProtocolServer(generateKeys());
    try {
      imposter.routes.set('GET /v1/hello', () => ({ protocol: 1, coordinator: identity.coordinator }));
      identity = { ...identity, address: imposter.address };
      const session = new Session(identity, new HttpClient(imposter.address, { sent: 0, received: 0 }));
      expect(await codeOf(session.token())).to.equal('COORDINATOR_KEY_CHANGED');
    } finally {
      await imposter.close();
    }
  });

  it('signs in again when the coordinator no longer accepts the token, and only once per request', async () => {
    const http = new HttpClient(server.address, { sent: 0, received: 0 }, { tokens: newSession() });
    const seen: (string | null)[] = [];
    server.routes.set('GET /v1/guarded', ({ token }) => {
      seen.push(token);
      if (token !== server.tokens[1]) throw new FederationError('SESSION_INVALID', 'The session ended.');
      return { protocol: 1, coordinator: identity.coordinator };
    });
    await http.json({ method: 'GET', path: 'v1/guarded' }, hello, 'guarded');
    expect(seen).to.deep.equal([server.tokens[0], server.tokens[1]]);
    server.routes.set('GET /v1/guarded', () => {
      throw new FederationError('SESSION_INVALID', 'The session ended.');
    });
    expect(await codeOf(http.send({ method: 'GET', path: 'v1/guarded' }))).to.equal('SESSION_INVALID');
    expect(server.tokens, 'one more sign-in, not an endless loop').to.have.length(3);
  });
});
