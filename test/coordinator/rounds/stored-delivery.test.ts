import { expect } from 'chai';
import { storedDelivery } from '@fedoxnet/coordinator/rounds/stored-delivery';
import type { StudyRun } from '@fedoxnet/coordinator/rounds/run';
import type { UploadRow } from '@fedoxnet/coordinator/storage/round-tables';
import type { Stores } from '@fedoxnet/coordinator/storage/stores';
import { codeOf } from '../../support/rejection.js';
import { created, play, START, tick, uploaded, DEADLINE, type Timed } from './small-run.js';

/** What is asked of the database, in order; it says yes to everything. */
function recorder(written: string[], revokedAt: Date | null): Stores {
  const yes = (name: string) => async () => written.push(name) > 0;
  return {
    sites: { find: async () => ({ revokedAt }) },
    uploads: { complete: yes('complete') },
    rounds: { putDelivery: yes('delivery') },
    audit: { append: yes('audit') },
  } as unknown as Stores;
}

const upload = (site: string, attempt: number) =>
  ({
    ...{ id: `${site}-${attempt}`, study: 's', site, round: 1, attempt },
    header: { bytes: 4, chunks: 1, digest: 'd', masses: null },
  }) as unknown as UploadRow;

describe('the delivery of an update', () => {
  /** @returns what was stored with the event of an upload of `site` */
  async function deliver(
    before: StudyRun,
    site: string,
    attempt: number,
    revokedAt: Date | null = null,
  ): Promise<string[]> {
    const event: Timed = { kind: 'uploaded', site, round: 1, attempt };
    const { run: after } = play(before, event);
    const written: string[] = [];
    await storedDelivery(upload(site, attempt), null, new Date(0))(
      recorder(written, revokedAt),
      after,
      before,
    );
    return written;
  }

  it('is stored with the event that delivered it', async () => {
    const { run } = play(created(), START);
    expect(await deliver(run, 'a', 1)).to.deep.equal(['complete', 'delivery', 'audit']);
  });

  it('is refused when the site was revoked meanwhile', async () => {
    const { run } = play(created(), START);
    expect(await codeOf(deliver(run, 'a', 1, new Date(0)))).to.equal('SITE_REVOKED');
  });

  it('does not replace an update of the site that was delivered before, in the open round or under the sum', async () => {
    // c's update of the first attempt stands; the second attempt is open for a and b.
    const resumed = play(created(), START, uploaded('c'), tick(DEADLINE), { kind: 'resumed' }).run;
    expect(resumed.round).to.include({ attempt: 2, state: 'inviting' });
    expect(await codeOf(deliver(resumed, 'c', 2))).to.equal('ROUND_CLOSED');
    const of2 = (site: string): Timed => ({ kind: 'uploaded', site, round: 1, attempt: 2 });
    const summed = play(resumed, of2('a'), of2('b')).run;
    expect(summed.round?.state).to.equal('aggregating');
    expect(await codeOf(deliver(summed, 'c', 2))).to.equal('ROUND_CLOSED');
    expect(await codeOf(deliver(summed, 'a', 2))).to.equal('ROUND_CLOSED');
  });
});
