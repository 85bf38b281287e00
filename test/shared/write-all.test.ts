import { expect } from 'chai';
import { writeAll } from '@fedoxnet/shared/write-all';

/** A disk that takes three bytes at a time, and `room` in all. */
function narrowDisk(room: number) {
  const content: number[] = [];
  let end = 0;
  return {
    content,
    write: (bytes: Uint8Array, offset: number, length: number, position: number | null) => {
      const part = bytes.subarray(offset, offset + Math.min(3, length, room));
      if (part.length === 0) return Promise.reject(new Error('ENOSPC'));
      room -= part.length;
      const at = position ?? end;
      part.forEach((byte, index) => (content[at + index] = byte));
      if (position === null) end += part.length;
      return Promise.resolve({ bytesWritten: part.length });
    },
  };
}

const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7]);

describe('writing all bytes', () => {
  it('goes on where a call wrote a part only', async () => {
    const disk = narrowDisk(100);
    await writeAll(disk, bytes);
    await writeAll(disk, bytes.subarray(0, 2));
    expect(disk.content).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 1, 2]);
  });

  it('writes at a place, each part behind the one before', async () => {
    const disk = narrowDisk(100);
    disk.content.push(0, 0);
    await writeAll(disk, bytes, 2);
    expect(disk.content).to.deep.equal([0, 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('fails where the rest finds no room', async () => {
    const failure = await writeAll(narrowDisk(5), bytes).catch((error: unknown) => error);
    expect(String(failure)).to.equal('Error: ENOSPC');
  });
});
