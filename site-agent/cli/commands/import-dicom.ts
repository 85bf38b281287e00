import { resolve } from 'node:path';
import { importDicom } from '../../data/door/import-dicom.js';
import { bringInText } from '../bring-in-text.js';
import { bringInOptions, type DoorOptions } from '../door-options.js';
import { withProgressBar } from '../long-work.js';
import type { Outcome } from '../terminal.js';

export interface ImportDicomOptions extends DoorOptions {
  readonly source: string;
}

/** Brings DICOM films in through the door; with --dry-run only says what would become of them. */
export async function importDicomFilms(options: ImportDicomOptions): Promise<Outcome> {
  const summary = await withProgressBar('films', (onProgress) =>
    importDicom({ ...bringInOptions(options), source: resolve(options.source), onProgress }),
  );
  return { document: summary, text: bringInText(summary) };
}
