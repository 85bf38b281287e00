import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Detection } from '@fedoxnet/site-agent/evaluation/detection';
import { ReportFolder, type Reported } from '@fedoxnet/site-agent/reports/dicom/report-folder';

export const MODEL = {
  name: 'OXnet of chest-1',
  version: 'release 4',
  sha256: '0123456789abcdef'.repeat(4),
  software: '0.1.0',
};

export const box = (
  name: string,
  score: number,
  x: number,
  y: number,
  width: number,
  height: number,
): Detection => ({
  ...{ film: 'film', class: name, score, x, y, width, height },
});

/** Two boxes of known classes, one of a class without a code. */
export const FOUND: readonly Detection[] = [
  box('Cardiomegaly', 0.7312, 60.5, 120.25, 100, 50.5),
  box('Nodule', 0.5, 10, 20, 8, 8),
  box('Rib notching', 0.3, 200, 0, 56, 256),
];

type MakeReport = (
  film: Uint8Array,
  detections?: readonly Detection[],
  options?: Partial<ConstructorParameters<typeof ReportFolder>[0]>,
) => Promise<Reported>;

/** A folder for the enclosing `describe` in which films become reports. */
export function reportFolder(): { folder: () => string; report: MakeReport } {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-reports-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const report: MakeReport = async (film, detections = FOUND, options = {}) => {
    const path = join(folder, 'film.dcm');
    await writeFile(path, film);
    const reports = new ReportFolder({
      ...{ folder: join(folder, 'reports'), model: MODEL, minScore: 0.3, reportClass: 'comprehensive' },
      ...{ codes: {}, presentationStates: true, ...options },
    });
    return reports.add({ path, detections, doubts: [] });
  };
  return { folder: () => folder, report };
}

/** The paths of both objects, of a film that must have them. */
export function paths(reported: Reported): { report: string; presentation: string } {
  if ('unreported' in reported) throw new Error(reported.unreported);
  return { report: reported.report, presentation: reported.presentation ?? 'none' };
}
