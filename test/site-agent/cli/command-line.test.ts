import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ERRORS, FederationError, type ErrorCode } from '@fedoxnet/shared/errors';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { smallPlan } from '../../e2e/support/small-plan.js';
import { startProtocolServer, type ProtocolServer } from '../agent/support/protocol-server.js';
import { scratchFolder } from '../agent/support/scratch.js';
import { writeOneFilmCatalogue } from '../data/support/one-film-catalogue.js';
import { siteCommand as site } from './support/site-command.js';

const INVITATION = 'fedoxnet-invitation-0001';

describe('fedoxnet-site', () => {
  const folder = scratchFolder();
  const home = () => join(folder(), 'home');

  const enroll = ({ address }: ProtocolServer, invitation = INVITATION) => [
    ...['enroll', '--coordinator', address, '--invitation', invitation],
    ...['--site', 'north', '--home', home()],
  ];

  /** The command must fail with this code: its exit status, one line on stderr that begins with it and says `what`. */
  async function refuses(code: ErrorCode, what: string, ...args: string[]): Promise<void> {
    const { status, out, err } = await site(...args);
    expect(err.split('\n'), err).to.have.length(2);
    expect(err)
      .to.match(new RegExp(`^${code}: `))
      .and.include(what)
      .and.include(ERRORS[code].help);
    expect(status).to.equal(ERRORS[code].exit);
    expect(out).to.equal('');
  }

  describe('says what is wrong with the command', () => {
    it('an unknown command or option, or none at all', async () => {
      await refuses('USAGE', "unknown command 'enrol' (Did you mean enroll?)", 'enrol');
      await refuses('USAGE', "unknown option '--hme'", 'run', '--home', 'a', '--data', 'b', '--hme', 'x');
      await refuses('USAGE', 'No command was given', ...[]);
      await refuses('USAGE', "'--home <dir>' not specified", 'run', '--data', 'b');
    });

    it('a value outside its range', async () => {
      await refuses(
        'USAGE',
        'Give a whole number, 1 to 1000000',
        'phantom',
        '--out',
        folder(),
        '--films',
        '0',
      );
      await refuses('USAGE', 'Allowed choices are', 'run', '--home', 'a', '--data', 'b', '--backend', 'tpu');
      await refuses('USAGE', 'all 64 hexadecimal digits', 'approve', 'abc', '--home', home());
      await refuses('USAGE', 'Mass=often', 'phantom', '--out', folder(), '--supervision', 'Mass=often');
    });

    it('and prints help where it is asked for', async () => {
      for (const command of [
        'enroll',
        'approve',
        'run',
        'census',
        'phantom',
        'init-model',
        'evaluate',
        'predict',
      ]) {
        const { status, out, err } = await site(command, '--help');
        expect([status, err], command).to.deep.equal([0, '']);
        expect(out)
          .to.match(/^Usage: fedoxnet-site /)
          .and.include('--json');
      }
    });
  });

  describe('enroll', () => {
    let server: ProtocolServer;
    beforeEach(async () => {
      server = await startProtocolServer();
    });
    afterEach(() => server.close());
    const command = (invitation = INVITATION) => enroll(server, invitation);

    it('prints what it did as one JSON document', async () => {
      const { status, out, err } = await site(...command(), '--json');
      expect([status, err]).to.deep.equal([0, '']);
      expect(JSON.parse(out)).to.deep.equal({
        site: 'north',
        coordinator: server.address,
        coordinatorKeys: publicKeysOf(server.keys),
        home: home(),
      });
    });

    it('refuses a wrong invitation and leaves no keys', async () => {
      server.routes.set('POST /v1/sites/enrol', () => {
        throw new FederationError('INVITATION_INVALID', 'The invitation is not known.');
      });
      await refuses('INVITATION_INVALID', 'The invitation is not known', ...command());
      expect(await readdir(home())).to.deep.equal(['ledger']);
      await refuses('INVITATION_INVALID', 'not a complete one', ...command('short'));
    });

    it('names a coordinator that is not there', async () => {
      await server.close();
      await refuses('COORDINATOR_UNREACHABLE', server.address, ...command());
    });

    it('puts a refusal on stdout too when a program asked for JSON', async () => {
      await server.close();
      const { out } = await site(...command(), '--json');
      const { error } = JSON.parse(out) as { error: { code: string } };
      expect(error.code).to.equal('COORDINATOR_UNREACHABLE');
    });

    it('and approve shows a plan, keeps it and sends the signed yes', async () => {
      await site(...command());
      const plan = smallPlan();
      const hash = planHash(plan);
      let approved: unknown = null;
      server.routes.set('GET /v1/sites/studies', () => ({
        studies: [{ study: 'small', hash, state: 'created', approved: false }],
      }));
      server.routes.set('GET /v1/studies/small/plan', () => ({ plan, hash }));
      server.routes.set('POST /v1/studies/small/approvals', ({ body }) => {
        approved = JSON.parse(body.toString());
        return {};
      });
      const { status, out } = await site('approve', hash, '--home', home());
      expect(status).to.equal(0);
      expect(out).to.include('Mass and Effusion').and.include(hash);
      expect(approved).to.include({ hash });
      const kept = JSON.parse(await readFile(join(home(), 'approvals', `${hash}.json`), 'utf8')) as object;
      expect(kept).to.deep.include({ study: 'small', hash, plan });
    });

    it('and approve refuses a plan that is not the one with the hash', async () => {
      await site(...command());
      const hash = planHash(smallPlan());
      server.routes.set('GET /v1/sites/studies', () => ({
        studies: [{ study: 'small', hash, state: 'created', approved: false }],
      }));
      server.routes.set('GET /v1/studies/small/plan', () => ({ plan: smallPlan({ rounds: 900 }), hash }));
      await refuses('PLAN_INVALID', 'is not the one with hash', 'approve', hash, '--home', home());
      await refuses('NOT_FOUND', 'f'.repeat(64), 'approve', 'f'.repeat(64), '--home', home());
    });
  });

  describe('run', () => {
    const data = () => join(folder(), 'data');
    let server: ProtocolServer;
    beforeEach(async () => {
      server = await startProtocolServer();
      await mkdir(data());
      await site(...enroll(server));
    });
    afterEach(() => server.close());
    const command = () => ['run', '--home', home(), '--data', data(), '--patience', '0'];
    const catalogue = (text: string) => writeFile(join(data(), 'catalogue.json'), text);

    it('wants an enrolled site', async () => {
      const other = join(folder(), 'other');
      await refuses('SITE_UNKNOWN', other, 'run', '--home', other, '--data', data());
    });

    it('wants a catalogue that is there, readable and not empty', async () => {
      await refuses('DATA_MISSING', 'catalogue.json', ...command());
      await catalogue('{ "version": 1');
      await refuses('DATA_INVALID', 'catalogue.json is not JSON', ...command());
      await catalogue('{ "version": 1, "source": "x", "classes": [], "films": [{}] }');
      await refuses('DATA_INVALID', 'films.0.id', ...command());
      await catalogue('{ "version": 1, "source": "x", "classes": [], "films": [] }');
      await refuses('NO_USABLE_FILMS', data(), ...command());
    });

    it('wants a policy that can be read', async () => {
      await writeFile(join(home(), 'policy.json'), '{ "studys": [] }');
      await refuses('CONFIG_INVALID', 'policy.json', ...command());
    });

    it("does not take the agent's own folder for the films", async () => {
      await refuses('CONFIG_INVALID', home(), 'run', '--home', home(), '--data', home());
    });

    it('ends when patience does, naming the coordinator that is not there', async () => {
      await writeOneFilmCatalogue(data());
      await server.close();
      await refuses('COORDINATOR_UNREACHABLE', server.address, ...command(), '--log-level', 'silent');
    });
  });

  describe('works on files', () => {
    it('from a plan to the model that a study starts from', async () => {
      const plan = join(folder(), 'plan.json');
      const out = join(folder(), 'model.safetensors');
      await refuses('PLAN_INVALID', plan, 'init-model', '--plan', plan, '--out', out);
      await writeFile(plan, JSON.stringify({ ...smallPlan(), rounds: 0 }));
      await refuses('PLAN_INVALID', 'rounds', 'init-model', '--plan', plan, '--out', out);
      expect(await readdir(folder())).to.deep.equal(['plan.json']);
      await writeFile(plan, JSON.stringify(smallPlan()));
      const { status, out: printed } = await site('init-model', '--plan', plan, '--out', out, '--json');
      expect(status).to.equal(0);
      const { bytes } = JSON.parse(printed) as { bytes: number };
      expect((await readFile(out)).byteLength).to.equal(bytes);
    });

    it('from a seed to films and their census', async () => {
      const out = join(folder(), 'films');
      const supervision = 'Mass=box,Effusion=image';
      const made = await site(
        'phantom',
        '--out',
        out,
        '--films',
        '5',
        '--size',
        '64',
        '--supervision',
        supervision,
      );
      expect([made.status, made.err]).to.deep.equal([0, '']);
      const { out: counted } = await site('census', '--data', out, '--classes', 'Mass', '--json');
      const { train } = JSON.parse(counted) as {
        train: { films: number | null; classes: { class: string }[] };
      };
      expect(train.films, 'four films are too few to be told').to.equal(null);
      expect(train.classes.map((row) => row.class)).to.deep.equal(['Mass']);
    });

    it('names the model that cannot be used', async () => {
      const model = join(folder(), 'model');
      const command = ['predict', '--model', model, '--data', folder(), '--out', join(folder(), 'x')];
      await refuses('DATA_MISSING', model, ...command);
      await writeFile(model, 'not a model');
      const { err } = await site(...command);
      expect(err).to.match(/^WEIGHTS_INVALID: /);
    });
  });
});
