import { expect } from 'chai';
import fc from 'fast-check';
import { AUDIT_LABEL, nextEntry, type AuditEntry } from '@fedoxnet/coordinator/audit/audit-chain';
import { verifyAuditFile, writeAuditFile } from '@fedoxnet/coordinator/audit/audit-file';
import { generateKeys, publicKeysOf, type SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { signText } from '@fedoxnet/shared/sealing/signature';

const AT = new Date('2026-01-02T03:04:05.678Z');
const KEYS = generateKeys();
const { signKey } = publicKeysOf(KEYS);

async function* of<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* await Promise.resolve(values);
}

function log(length: number, keys: SiteKeys = KEYS): AuditEntry[] {
  const entries: AuditEntry[] = [];
  const sign = (hash: string): string => signText(AUDIT_LABEL, hash, keys.sign.secretKey);
  for (let index = 0; index < length; index += 1) {
    entries.push(nextEntry(entries.at(-1) ?? null, AT, 'invite', { site: `höpital-${index}` }, sign));
  }
  return entries;
}

async function written(entries: readonly AuditEntry[], keys: SiteKeys = KEYS): Promise<string> {
  const signer = { firstSignKey: publicKeysOf(keys).signKey, secretKey: keys.sign.secretKey };
  let text = '';
  for await (const line of writeAuditFile(of(...entries), signer, AT)) text += line;
  return text;
}

/** The message of the refusal, or `holds`. */
function tried(text: string, pinned: string | null = null): Promise<string> {
  return verifyAuditFile(of(text), pinned).then(
    () => 'holds',
    (error: Error) => error.message,
  );
}

describe('the audit file', () => {
  it('holds as it was written, however it is cut into pieces, and for an empty log', async () => {
    const entries = log(3);
    const text = await written(entries);
    const verdict = await verifyAuditFile(
      of(text.slice(0, 100), text.slice(100, 101), text.slice(101)),
      signKey,
    );
    expect(verdict).to.deep.equal({
      entries: 3,
      head: entries[2]!.hash,
      brokenAt: null,
      signKey,
      writtenAt: AT.toISOString(),
    });
    expect(await tried(await written([]))).to.equal('holds');
  });

  it('does not hold with any byte changed', async () => {
    const bytes = Buffer.from(await written(log(3)));
    const position = fc.integer({ min: 0, max: bytes.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ by;
        expect(await tried(changed.toString('utf8'), signKey)).to.not.equal('holds');
      }),
      { numRuns: 400 },
    );
  });

  it('does not hold with lines dropped, doubled or in another order', async () => {
    const lines = (await written(log(5))).split('\n').slice(0, -1);
    const whole = lines.join('\n');
    const some = fc.array(fc.integer({ min: 0, max: lines.length - 1 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(some, async (chosen) => {
        const text = chosen.map((index) => lines[index]).join('\n');
        fc.pre(text !== whole);
        expect(await tried(`${text}\n`, signKey)).to.not.equal('holds');
      }),
      { numRuns: 400 },
    );
  });

  it('says what is wrong where', async () => {
    const text = await written(log(3));
    const lines = text.split('\n');
    const without = (index: number): string => lines.filter((_, line) => line !== index).join('\n');
    expect(await tried(without(2))).to.equal('Line 3 was changed, moved or follows one that was taken out.');
    expect(await tried(without(4))).to.equal('Line 5 is missing: the file has lost its end.');
    expect(await tried(without(3))).to.equal('Line 4 is not the signed end of what stands before it.');
    expect(await tried(`${text}\n`)).to.equal('Line 6 comes after the end.');
    expect(await tried(text.replace('"at":', '"at": '))).to.equal('Line 2 was not written like this.');
    expect(await tried('')).to.equal('Line 1 is missing: the file has lost its end.');
  });

  it('of another coordinator holds only where no key is pinned', async () => {
    const other = generateKeys();
    const text = await written(log(2, other), other);
    expect(await tried(text)).to.equal('holds');
    expect(await tried(text, signKey)).to.equal('Line 1 leads to no key that is the pinned one.');
    const mixed = await written(log(2, other), KEYS);
    expect(await tried(mixed, signKey)).to.match(/^Line 2 was changed/);
  });
});
