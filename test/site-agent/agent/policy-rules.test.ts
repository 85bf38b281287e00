import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FederationError } from '@fedoxnet/shared/errors';
import { sitePolicy, type SitePolicy } from '@fedoxnet/site-agent/agent/policy';
import {
  requireFilmsAllowed,
  requireHour,
  requirePlanAllowed,
} from '@fedoxnet/site-agent/agent/policy-rules';
import { writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { smallPlan } from '../../e2e/support/small-plan.js';
import { rejection } from '../../support/rejection.js';
import { filmRecord } from '../data/support/film-record.js';
import { scratchFolder } from './support/scratch.js';

const policy = (said: unknown): SitePolicy => sitePolicy.parse(said);

describe('the rules of a site policy', () => {
  it('allow the studies that are named, and all when none is', () => {
    const plan = smallPlan({ study: 'chest-2' });
    requirePlanAllowed(policy({}), plan);
    requirePlanAllowed(policy({ studies: ['chest-2'] }), plan);
    expect(() => requirePlanAllowed(policy({ studies: ['chest-1'] }), plan)).to.throw(
      'The policy of this site does not allow study chest-2.',
    );
  });

  it('want other sites in every release: those of the quorum, not those that are invited', () => {
    const sites = ['a', 'b', 'c', 'd'];
    requirePlanAllowed(policy({ minimumOtherSites: 2 }), smallPlan({ sites, quorum: 3 }));
    expect(() =>
      requirePlanAllowed(policy({ minimumOtherSites: 2 }), smallPlan({ sites, quorum: 2 })),
    ).to.throw('wants 2 other sites in every release, and the plan of small has a quorum of 2');
    requirePlanAllowed(policy({ minimumOtherSites: 0 }), smallPlan({ sites, quorum: 1 }));
  });

  it('count the lowest quorum of a plan’s stages', () => {
    const sites = ['a', 'b', 'c'];
    const { training } = smallPlan();
    const staged = (quorum?: number) => {
      const first = { fromRound: 1, films: ['box' as const], ...(quorum === undefined ? {} : { quorum }) };
      return smallPlan({ sites, quorum: 3, training: { ...training, stages: [first] } });
    };
    requirePlanAllowed(policy({ minimumOtherSites: 2 }), staged());
    expect(() => requirePlanAllowed(policy({ minimumOtherSites: 2 }), staged(2))).to.throw(
      'has a quorum of 2',
    );
  });

  describe('on hours', () => {
    const at = (hour: number, minute: number): Date => new Date(2026, 6, 1, hour, minute);
    for (const [hours, inside, outside] of [
      ['08:30-17:00', [at(8, 30), at(12, 0), at(16, 59)], [at(8, 29), at(17, 0), at(0, 0)]],
      ['19:00-06:00', [at(19, 0), at(23, 59), at(0, 0), at(5, 59)], [at(6, 0), at(18, 59)]],
    ] as const) {
      it(`keep to ${hours}`, () => {
        for (const time of inside) requireHour(policy({ hours }), time);
        for (const time of outside) {
          expect(() => requireHour(policy({ hours }), time), String(time)).to.throw(
            `The policy of this site allows work at ${hours}.`,
          );
        }
      });
    }

    it('refuse for now, not for good', async () => {
      const refused = await rejection(
        Promise.resolve().then(() => requireHour(policy({ hours: '01:00-02:00' }), at(3, 0))),
      );
      expect([refused.code, refused.entry.retry]).to.deep.equal(['OUTSIDE_HOURS', true]);
    });
  });

  describe('on folders', () => {
    const folder = scratchFolder();
    const write = async (data: string, ...files: string[]): Promise<void> => {
      await mkdir(join(folder(), data), { recursive: true });
      const films = files.map((file) => filmRecord(file, { file }));
      await writeCatalogue(join(folder(), data), { version: 1, source: 'test', classes: ['Mass'], films });
    };
    const check = (data: string, ...allowed: string[]): Promise<string> => {
      const dataFolders = allowed.map((name) => join(folder(), name));
      return requireFilmsAllowed(policy({ dataFolders }), join(folder(), data)).then(
        () => 'allowed',
        (error: FederationError) => error.code,
      );
    };

    it('allow films below them, and no folder beside them', async () => {
      await write('films/a', '1.png', 'more/2.png');
      expect(await check('films/a', 'films')).to.equal('allowed');
      expect(await check('films/a', 'other', 'films/a')).to.equal('allowed');
      expect(await check('films/a', 'film')).to.equal('POLICY_FORBIDS');
      expect(await check('films/a', 'films/b')).to.equal('POLICY_FORBIDS');
    });

    it('look at where each film lies, and follow links', async () => {
      await write('inside', '1.png', '../outside/2.png');
      expect(await check('inside', 'inside')).to.equal('POLICY_FORBIDS');
      expect(await check('inside', 'inside', 'outside')).to.equal('allowed');
      await mkdir(join(folder(), 'elsewhere'));
      await write('linked', 'link/3.png');
      await symlink(join(folder(), 'elsewhere'), join(folder(), 'linked', 'link'));
      expect(await check('linked', 'linked')).to.equal('POLICY_FORBIDS');
      await rm(join(folder(), 'linked', 'link'));
      expect(await check('linked', 'linked')).to.equal('allowed');
    });

    it('follow a film that is itself a link, and a catalogue that is one', async () => {
      const path = (...parts: string[]): string => join(folder(), ...parts);
      await write('own', '1.png', '2.png', '3.png');
      await mkdir(path('theirs'));
      for (const file of ['own/1.png', 'own/3.png', 'theirs/2.png']) await writeFile(path(file), 'film');
      await symlink(path('own', '3.png'), path('own', '2.png'));
      expect(await check('own', 'own'), 'a link within').to.equal('allowed');
      await rm(path('own', '2.png'));
      await symlink(path('theirs', '2.png'), path('own', '2.png'));
      expect(await check('own', 'own'), 'a link out').to.equal('POLICY_FORBIDS');
      expect(await check('own', 'own', 'theirs')).to.equal('allowed');
      await rm(path('theirs', '2.png'));
      expect(await check('own', 'own', 'theirs'), 'a link that leads nowhere').to.equal('POLICY_FORBIDS');
      await rm(path('own', '2.png'));
      expect(await check('own', 'own'), 'a film that is not there').to.equal('allowed');
      await rename(path('own', 'catalogue.json'), path('theirs', 'catalogue.json'));
      await symlink(path('theirs', 'catalogue.json'), path('own', 'catalogue.json'));
      expect(await check('own', 'own'), 'the catalogue of others').to.equal('POLICY_FORBIDS');
    });

    it('allow nothing below a folder that is a link to nowhere', async () => {
      await write('some', '1.png');
      await symlink(join(folder(), 'gone'), join(folder(), 'unmounted'));
      expect(await check('some', 'unmounted')).to.equal('POLICY_FORBIDS');
      await write('through', 'away/deep/1.png');
      await symlink(join(folder(), 'gone'), join(folder(), 'through', 'away'));
      expect(await check('through', 'through')).to.equal('POLICY_FORBIDS');
    });
  });

  it('say nothing where the policy says nothing', async () => {
    requireHour(policy({}), new Date());
    await requireFilmsAllowed(policy({}), '/nowhere');
    requirePlanAllowed(policy({}), smallPlan());
  });
});
