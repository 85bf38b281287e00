import { basename, extname, join } from 'node:path';
import type { PictureSource } from '../data/decode-film.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { filmOverlay } from '../reports/film-overlay.js';
import type { SeenFilm } from './prediction-report.js';

export interface OverlayFolderOptions {
  readonly folder: string;
  readonly classes: readonly string[];
  readonly minScore: number;
  /** As a person knows it; empty for a model of no study. */
  readonly model: string;
}

/** Draws one PNG per film; films of one name in different folders get numbers. */
export class OverlayFolder {
  private readonly names = new Set<string>();

  constructor(private readonly options: OverlayFolderOptions) {}

  /** @returns the path of the picture */
  async add({ record, findings: { detections }, remarks }: SeenFilm, source: PictureSource): Promise<string> {
    const { folder, classes, minScore, model } = this.options;
    const found = detections.length === 0 ? 'nothing found' : `${detections.length} found`;
    const png = await filmOverlay({
      ...{ source, width: record.width, height: record.height, detections, classes },
      title: basename(record.file),
      note: [...remarks, ...(model === '' ? [] : [model]), `${found} above ${minScore}`, WARNING].join(' · '),
    });
    const path = join(folder, this.nameFor(record.file));
    await writeFileAtomic(path, png);
    return path;
  }

  private nameFor(file: string): string {
    const stem = basename(file, extname(file));
    let name = `${stem}.png`;
    for (let number = 2; this.names.has(name); number++) name = `${stem}-${number}.png`;
    this.names.add(name);
    return name;
  }
}

const WARNING = 'research software, not for diagnosis';
