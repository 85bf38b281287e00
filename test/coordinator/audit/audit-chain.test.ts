import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import {
  AUDIT_KINDS,
  AUDIT_LABEL,
  ChainCheck,
  GENESIS,
  nextEntry,
  type AuditEntry,
  type AuditVerdict,
} from '@fedoxnet/coordinator/audit/audit-chain';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { signText } from '@fedoxnet/shared/sealing/signature';

const AT = new Date('2026-01-02T03:04:05.678Z');

const KEYS = generateKeys();
const sign = (hash: string): string => signText(AUDIT_LABEL, hash, KEYS.sign.secretKey);

function verifyChain(entries: readonly AuditEntry[]): AuditVerdict {
  const check = new ChainCheck(publicKeysOf(KEYS).signKey);
  return check.verdict(entries.every((entry) => check.take(entry)));
}

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let index = 0; index < length; index += 1) {
    entries.push(nextEntry(entries.at(-1) ?? null, AT, 'invite', { site: `site-${index}` }, sign));
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

  it('shows a chain that somebody without the key made anew', () => {
    const [first] = chain(1) as [AuditEntry];
    const thief = generateKeys();
    const forged = nextEntry(first, AT, 'revoke', { site: 'site-1' }, (hash) =>
      signText(AUDIT_LABEL, hash, thief.sign.secretKey),
    );
    expect(verifyChain([first, forged]).brokenAt).to.equal(2);
  });

  it('takes unsigned entries only before the first signed one', () => {
    const old = chain(2).map((entry) => ({ ...entry, signature: null }));
    const next = nextEntry(old[1]!, AT, 'invite', {}, sign);
    expect(verifyChain([...old, next]).brokenAt).to.equal(null);
    expect(
      verifyChain([...old, next, { ...nextEntry(next, AT, 'invite', {}, sign), signature: null }]).brokenAt,
    ).to.equal(4);
  });

  it('has the kinds of entries that its README explains', async () => {
    const text = await readFile(new URL('../../../../coordinator/audit/README.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| (`.*?`) \|/gm)].map(([, kinds = '']) => kinds.matchAll(/`(.*?)`/g));
    expect(rows.flatMap((kinds) => [...kinds].map(([, kind]) => kind))).to.deep.equal([...AUDIT_KINDS]);
  });
});
