/** What of an open file is needed, as `FileHandle` of `node:fs/promises` has it. */
interface WritableFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ readonly bytesWritten: number }>;
}

/**
 * Writes all of `bytes`. One call may write a part only and say nothing else, as where the disk is nearly full; the next one then
 * fails.
 * @param position where in the file; behind what was written last when left out
 * @throws what the system says, such as `ENOSPC`
 */
export async function writeAll(file: WritableFile, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const at = position === undefined ? null : position + done;
    done += (await file.write(bytes, done, bytes.length - done, at)).bytesWritten;
  }
}
