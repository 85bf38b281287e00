import { basename, join } from 'node:path';
import { writeFileAtomic } from '../../files/atomic-file.js';
import type { Destination } from './destination.js';
import type { ReportObject } from './report-object.js';

/** A folder that a PACS or a person watches; files appear there whole. */
export class FolderDestination implements Destination {
  constructor(readonly place: string) {}

  async send({ path, file }: ReportObject, _: AbortSignal, onLeft: (bytes: number) => void): Promise<void> {
    await writeFileAtomic(join(this.place, basename(path)), file, 0o600);
    onLeft(file.byteLength);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
