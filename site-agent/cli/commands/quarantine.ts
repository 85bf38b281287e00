import { resolve } from 'node:path';
import { FilmRegister } from '../../data/door/film-register.js';
import { discardFilm, releaseFilm } from '../../data/quarantine/decide.js';
import { QUARANTINE_REASONS, type QuarantineReason } from '../../data/quarantine/findings.js';
import { findingsText, Quarantine } from '../../data/quarantine/quarantine.js';
import type { Outcome } from '../terminal.js';

interface DataOption {
  readonly data: string;
}

/** Films that are set aside, by our own id; nothing of their headers. */
export async function listQuarantine({
  data,
  reason,
}: DataOption & { readonly reason?: QuarantineReason }): Promise<Outcome> {
  const all = await new Quarantine(resolve(data)).list();
  const entries = all.filter(
    ({ findings }) => reason === undefined || findings.some((found) => found.reason === reason),
  );
  const films = entries.map(({ id, findings, record }) => ({ id, findings, releasable: record !== null }));
  const lines = films.map(({ id, findings }) => `${id}  ${findingsText(findings)}`);
  return { document: { films }, text: [...lines, `${films.length} films in quarantine`].join('\n') };
}

/** One film, with what site staff need to find it again: where it came from and what the PACS calls it. */
export async function showQuarantined(id: string, { data }: DataOption): Promise<Outcome> {
  const folder = resolve(data);
  const quarantine = new Quarantine(folder);
  const { findings, record, twin } = await quarantine.get(id);
  const entry = (await FilmRegister.open(folder, true)).find(id);
  const picture = await quarantine.picturePath(id);
  const source = entry && { origin: entry.origin, study: entry.study, instance: entry.sopInstance };
  const advice = [...new Set(findings.map(({ reason }) => QUARANTINE_REASONS[reason]))];
  const text = [
    ...findings.map(({ reason, detail }) => `${reason}: ${detail}`),
    ...advice,
    `picture: ${picture ?? 'none'}`,
    ...(source ? [`from: ${source.origin}`, `SOP Instance UID: ${source.instance ?? 'none'}`] : []),
    ...(twin === null ? [] : [`the same pixels: ${twin}`]),
  ].join('\n');
  return { document: { id, findings, advice, picture, releasable: record !== null, twin, source }, text };
}

export async function release(ids: readonly string[], { data }: DataOption): Promise<Outcome> {
  for (const id of ids) await releaseFilm(resolve(data), id);
  return { document: { released: ids }, text: ids.map((id) => `${id} is in the catalogue`).join('\n') };
}

export async function discard(ids: readonly string[], { data }: DataOption): Promise<Outcome> {
  for (const id of ids) await discardFilm(resolve(data), id);
  return { document: { discarded: ids }, text: ids.map((id) => `${id} is deleted`).join('\n') };
}
