import type { FilmRecord } from '../film.js';
import type { Finding } from '../quarantine/findings.js';
import type { DataSet } from './data-set.js';

/** Computed and digital radiography; RG are scanned films, DR what old consoles write for DX. */
const MODALITIES = new Set(['CR', 'DX', 'RG', 'DR']);
const DX_FOR_PROCESSING = '1.2.840.10008.5.1.4.1.1.1.1.1';
const CHEST = /CHEST|THORAX|LUNG|RIB/i;
const AP = /^(AP|A-P|A\/P|ANTERO-?POSTERIOR)$/i;
const PA = /^(PA|P-A|P\/A|POSTERO-?ANTERIOR)$/i;
const FRONTAL = /^FRONTAL$/i;

/** What the header says of how the film was taken: whether it is one to learn from, and its view. */
export interface Acquisition {
  readonly view: NonNullable<FilmRecord['view']> | null;
  readonly findings: readonly Finding[];
}

/** Missing attributes are no finding: much that is stored has none, and the picture itself is looked at as well. */
export function readAcquisition(dataSet: DataSet): Acquisition {
  const view = dataSet.string('x00185101') ?? '';
  const findings = [...kindFindings(dataSet), ...bodyFindings(dataSet), ...orientationFindings(dataSet)];
  if (view !== '' && ![AP, PA, FRONTAL].some((pattern) => pattern.test(view)))
    findings.push({ reason: 'not-frontal', detail: 'View Position says another view than AP or PA.' });
  if (/^YES$/i.test(dataSet.string('x00280301') ?? ''))
    findings.push({ reason: 'burned-in-text', detail: 'Burned In Annotation says YES.' });
  return { view: AP.test(view) ? 'AP' : PA.test(view) ? 'PA' : null, findings };
}

function kindFindings(dataSet: DataSet): Finding[] {
  const modality = dataSet.string('x00080060')?.toUpperCase() ?? '';
  if (!MODALITIES.has(modality)) return [{ reason: 'kind', detail: 'Modality is not CR or DX.' }];
  const forProcessing =
    dataSet.string('x00080016') === DX_FOR_PROCESSING ||
    dataSet.string('x00080068')?.toUpperCase() === 'FOR PROCESSING';
  return forProcessing ? [{ reason: 'kind', detail: 'The film is raw: FOR PROCESSING.' }] : [];
}

/** Body Part Examined, else the meaning of the first anatomic region. */
function bodyFindings(dataSet: DataSet): Finding[] {
  const region = dataSet.items('x00082218')[0]?.string('x00080104') ?? null;
  const body = dataSet.string('x00180015') ?? region;
  if (body === null || CHEST.test(body)) return [];
  return [{ reason: 'not-a-chest', detail: 'Body Part Examined says another part.' }];
}

/** Patient Orientation: to the right the patient's left, downward the feet (PS3.3 C.7.6.1.1.1). */
function orientationFindings(dataSet: DataSet): Finding[] {
  const [row = '', column = ''] = dataSet.strings('x00200020').map((side) => side.charAt(0).toUpperCase());
  if (row === 'A' || row === 'P')
    return [{ reason: 'not-frontal', detail: 'Patient Orientation says a lateral view.' }];
  if (row === 'H' || row === 'F') return [{ reason: 'turned', detail: 'Patient Orientation says sideways.' }];
  if (column === 'H') return [{ reason: 'turned', detail: 'Patient Orientation says upside down.' }];
  if (row === 'R') return [{ reason: 'turned', detail: 'Patient Orientation says mirrored.' }];
  return [];
}
