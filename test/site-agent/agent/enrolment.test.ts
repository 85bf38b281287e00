import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { enrolRequest } from '@fedoxnet/shared/protocol/http-messages';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { ENROL_LABEL, enrolText } from '@fedoxnet/shared/sealing/session-texts';
import { verifyText } from '@fedoxnet/shared/sealing/signature';
import { enrolSite, parseAddress } from '@fedoxnet/site-agent/agent/enrolment';
import { loadIdentity } from '@fedoxnet/site-agent/agent/identity';
import { codeOf, rejection } from '../../support/rejection.js';
import { startProtocolServer, type ProtocolServer } from './support/protocol-server.js';
import { scratchFolder } from './support/scratch.js';

const INVITATION = 'fedoxnet-invitation-0001';

describe('enrolment', () => {
  const home = scratchFolder();
  let server: ProtocolServer;
  beforeEach(async () => {
    server = await startProtocolServer();
  });
  afterEach(() => server.close());
  const enrol = (change: Partial<Parameters<typeof enrolSite>[0]> = {}) =>
    enrolSite({
      coordinator: server.address,
      invitation: INVITATION,
      site: 'north',
      home: home(),
      ...change,
    });

  it('shows public keys under a signature and pins those of the coordinator', async () => {
    let verified = false;
    server.routes.set('POST /v1/sites/enrol', ({ body }) => {
      const request = enrolRequest.parse(JSON.parse(body.toString()));
      verified = verifyText(ENROL_LABEL, enrolText(request), request.signature, request.keys.signKey);
      return { site: 'north', coordinator: publicKeysOf(server.keys) };
    });
    await enrol();
    expect(verified, 'signature of the enrolment').to.equal(true);
    const identity = await loadIdentity(home());
    expect(identity.site).to.equal('north');
    expect(identity.address).to.equal(server.address);
    expect(identity.coordinator).to.deep.equal(publicKeysOf(server.keys));
  });

  it('keeps the secret keys in a file of mode 0600 and sends neither of them', async () => {
    let sent = '';
    server.routes.set('POST /v1/sites/enrol', ({ body }) => {
      sent = body.toString();
      return { site: 'north', coordinator: publicKeysOf(server.keys) };
    });
    await enrol();
    const path = join(home(), 'keys.json');
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    const { signSeed, boxSecretKey } = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
    expect(sent).to.not.include(signSeed).and.not.include(boxSecretKey);
  });

  it('leaves no keys behind when the invitation is refused', async () => {
    server.routes.set('POST /v1/sites/enrol', () => {
      throw new FederationError('INVITATION_INVALID', 'The invitation was used before.');
    });
    expect(await codeOf(enrol())).to.equal('INVITATION_INVALID');
    expect(await readdir(home())).to.deep.equal(['ledger'], 'but for the note of what was sent');
  });

  it('shows the same keys again after the answer was lost', async () => {
    const shown: string[] = [];
    server.routes.set('POST /v1/sites/enrol', ({ body, request }) => {
      shown.push(enrolRequest.parse(JSON.parse(body.toString())).keys.signKey);
      if (shown.length === 1) request.socket.destroy();
      return { site: 'north', coordinator: publicKeysOf(server.keys) };
    });
    expect(await codeOf(enrol())).to.equal('COORDINATOR_UNREACHABLE');
    await enrol();
    expect(shown).to.have.length(2);
    expect(shown[0]).to.equal(shown[1]);
  });

  it('refuses a coordinator that answers with other keys than it greeted with', async () => {
    server.routes.set('POST /v1/sites/enrol', () => ({
      site: 'north',
      coordinator: publicKeysOf(generateKeys()),
    }));
    expect(await codeOf(enrol())).to.equal('COORDINATOR_KEY_CHANGED');
  });

  it('refuses another protocol, before it sends the invitation', async () => {
    server.routes.set('GET /v1/hello', () => ({ protocol: 99, coordinator: publicKeysOf(server.keys) }));
    expect(await codeOf(enrol())).to.equal('PROTOCOL_VERSION');
    expect(server.requests).to.deep.equal(['GET /v1/hello']);
  });

  it('does not enrol a home twice', async () => {
    await enrol();
    const error = await rejection(enrol({ site: 'south' }));
    expect(error.code).to.equal('CONFIG_INVALID');
    expect(error.message).to.include('already belongs to site north');
  });

  it('names a coordinator that is not there, and writes nothing', async () => {
    await server.close();
    const error = await rejection(enrol());
    expect(error.code).to.equal('COORDINATOR_UNREACHABLE');
    expect(error.message).to.include(server.address).and.include('ECONNREFUSED');
    expect(await readdir(home())).to.deep.equal([]);
  });

  it('takes http and https addresses, without what does not belong to them', () => {
    expect(parseAddress('https://host:8443/fed/?x=1#y')).to.equal('https://host:8443/fed');
    for (const wrong of ['host:8443', 'ftp://host', 'no address']) {
      expect(() => parseAddress(wrong), wrong)
        .to.throw(FederationError)
        .with.property('code', 'USAGE');
    }
  });
});
