import { readFile, stat } from 'node:fs/promises';
import { decodeFilm } from '../../data/decode-film.js';
import { toTrainingFilm, type LoadedFilmSet } from '../../data/film-set.js';
import { examine } from '../../evaluation/detect.js';
import { readModelFile, type ReleasedModel } from '../../evaluation/model-file.js';
import { withNormsOf } from '../../evaluation/own-norms.js';
import { Oxnet } from '../../model/oxnet.js';
import { teacherOfCheckpoint } from '../../training/round-checkpoint.js';
import { loadTeacher } from '../../training/teacher-weights.js';
import type { ScoredBox } from '../messages.js';
import type { ExamineOrder, ExamineReply } from './ipc.js';

/** A network and the file it was read from; read again when that has changed. */
interface Loaded {
  readonly key: string;
  readonly network: Oxnet;
}

/** Shows films to the latest release and to the teacher of the last local round. */
export class Examiner {
  private released: (Loaded & { readonly model: ReleasedModel }) | null = null;
  private teacher: (Loaded & { readonly step: number }) | null = null;

  /** @throws {FederationError} `DATA_MISSING`, `WEIGHTS_INVALID`, `MODEL_INVALID`, `FILM_UNREADABLE` */
  async examine({ model: path, norms, checkpoint, film, file }: ExamineOrder): Promise<ExamineReply> {
    const { model, network } = await this.loadModel(path, norms);
    const { size } = model.plan;
    const { pixels } = await decodeFilm(file, size);
    const set: LoadedFilmSet = {
      size,
      films: [toTrainingFilm(film, model.classes, size)],
      records: [film],
      setAside: [],
      pixels: () => pixels,
    };
    const see = async (seer: Oxnet): Promise<ScoredBox[]> => {
      const [found] = await examine(seer, set, { classes: model.classes });
      return (found?.detections ?? []).map(({ film: _film, ...box }) => box);
    };
    const teacher = checkpoint === null ? null : await this.loadTeacher(checkpoint, path, model);
    return {
      kind: 'examined',
      model: await see(network),
      teacher: teacher && { boxes: await see(teacher.network), step: teacher.step },
    };
  }

  private async loadModel(path: string, norms: string | null): Promise<NonNullable<Examiner['released']>> {
    const key = norms === null ? await stampOf(path) : `${await stampOf(path)} ${await stampOf(norms)}`;
    if (this.released?.key === key) return this.released;
    const released = await readModelFile(path);
    const model = norms === null ? released : await withNormsOf(released, norms);
    this.released?.network.dispose();
    this.released = null;
    const network = new Oxnet(model.plan, model.classes.length, model.weights);
    return (this.released = { key, model, network });
  }

  /** Null for a checkpoint that was cut off, or is of another network. */
  private async loadTeacher(
    checkpoint: string,
    path: string,
    { plan, classes, weights }: ReleasedModel,
  ): Promise<Examiner['teacher']> {
    const key = `${await stampOf(checkpoint)} ${await stampOf(path)}`;
    if (this.teacher?.key === key) return this.teacher;
    const kept = teacherOfCheckpoint(await readFile(checkpoint).catch(() => new Uint8Array()));
    if (kept === null) return null;
    this.teacher?.network.dispose();
    this.teacher = null;
    const network = new Oxnet(plan, classes.length, weights);
    if (loadTeacher(network, kept.values)) return (this.teacher = { key, network, step: kept.step });
    network.dispose();
    return null;
  }
}

async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return `${path} ${found?.mtimeMs} ${found?.size}`;
}
