import { openSource } from '../importers/film-source.js';
import { REPORT_FILE } from '../importers/run-import.js';
import { bringInFilms, type BringInOptions, type DicomImportSummary } from './bring-in-films.js';
import { SourceSupply } from './source-supply.js';

export interface DicomImportOptions extends BringInOptions {
  /** Folder or .zip with films, as deep as they lie. */
  readonly source: string;
}

/**
 * Brings the DICOM films of a folder or an archive into a site's data folder.
 * @throws {FederationError} `DATA_MISSING` without the source; else as `bringInFilms`
 */
export async function importDicom(options: DicomImportOptions): Promise<DicomImportSummary> {
  const source = await openSource(options.source);
  try {
    return (await bringInFilms(new SourceSupply(source), REPORT_FILE, options)).summary;
  } finally {
    await source.close();
  }
}
