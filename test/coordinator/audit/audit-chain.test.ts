import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { GENESIS, nextEntry, verifyChain, type AuditEntry } from '@fedoxnet/coordinator/audit/audit-chain';

const AT = new Date('2026-01-02T03:04:05.678Z');

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let index = 0; index < length; index += 1) {
    entries.push(nextEntry(entries.at(-1) ?? null, AT, 'invite', { site: `site-${index}` }));
  }
  return entries;
}

describe('the audit chain', () => {
  it('hashes what is written, the way anyone can recompute', () => {
    const text = `[1,"2026-01-02T03:04:05.678Z","invite","{\\"site\\":\\"site-0\\"}","${GENESIS}"]`;
    expect(chain(1)[0]?.hash).to.equal(createHash('sha256').update(text).digest('hex'));
  });

  it('holds when nothing was touched, and for an empty log', () => {
    const entries = chain(3);
    expect(verifyChain(entries)).to.deep.equal({ entries: 3, head: entries[2]?.hash, brokenAt: null });
    expect(verifyChain([])).to.deep.equal({ entries: 0, head: GENESIS, brokenAt: null });
  });

  it('shows where an entry was changed, taken out or moved', () => {
    const [first, second, third] = chain(3) as [AuditEntry, AuditEntry, AuditEntry];
    expect(verifyChain([first, { ...second, detail: '{"site":"other"}' }, third]).brokenAt).to.equal(2);
    expect(verifyChain([first, third]).brokenAt).to.equal(2);
    expect(verifyChain([second, first, third]).brokenAt).to.equal(1);
  });
});
