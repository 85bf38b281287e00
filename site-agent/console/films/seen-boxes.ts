import { resolve } from 'node:path';
import { asFederationError } from '../../agent/failure.js';
import type { FilmRecord } from '../../data/film.js';
import type { ExaminerProcess } from '../examiner/examiner-process.js';
import { networksHere, type NetworksHere } from '../examiner/networks-here.js';
import type { ScoredBox, SeenReply } from '../messages.js';

/** What the model found on films it was asked about; null for others. */
export interface BoxesOfFilms {
  of(film: FilmRecord): readonly ScoredBox[] | null;
}

const FILMS_KEPT = 20_000;
const NO_MODEL = 'No release has been downloaded yet: the first comes with the first round.';
const NO_TEACHER = 'There is no teacher yet: it begins with the first round that trains here.';

/** Boxes of model and teacher, asked for film by film and kept as long as both networks stay the same. */
export class SeenBoxes implements BoxesOfFilms {
  private readonly kept = new Map<string, SeenReply>();
  private stamp = '';

  constructor(
    private readonly home: string,
    private readonly data: string,
    private readonly examiner: ExaminerProcess,
  ) {}

  of({ id }: FilmRecord): readonly ScoredBox[] | null {
    return this.kept.get(id)?.model.boxes ?? null;
  }

  /**
   * @param isWanted asked when the film's turn has come
   * @returns null when it was not wanted any more; a network that cannot look says why
   */
  async look(film: FilmRecord, isWanted: () => boolean): Promise<SeenReply | null> {
    const networks = await networksHere(this.home);
    if (networks === null) return nobody(NO_MODEL, NO_TEACHER);
    if (networks.stamp !== this.stamp) this.kept.clear();
    this.stamp = networks.stamp;
    const known = this.kept.get(film.id);
    if (known !== undefined) return known;
    try {
      const seen = await this.ask(film, networks, isWanted);
      if (seen !== null && this.stamp === networks.stamp && this.kept.size < FILMS_KEPT)
        this.kept.set(film.id, seen);
      return seen;
    } catch (error) {
      const { code, message } = asFederationError(error);
      const now = await networksHere(this.home);
      // A running agent may have put a newer release in its place meanwhile.
      if (code === 'DATA_MISSING' && now?.model.path !== networks.model.path)
        return this.look(film, isWanted);
      return nobody(message, 'It is not asked while the model cannot look.');
    }
  }

  private async ask(
    film: FilmRecord,
    { model, norms, checkpoint }: NetworksHere,
    isWanted: () => boolean,
  ): Promise<SeenReply | null> {
    const file = resolve(this.data, film.file);
    const seen = await this.examiner.examine({ model: model.path, norms, checkpoint, film, file }, isWanted);
    if (seen === null) return null;
    return {
      model: { boxes: seen.model, who: `release ${model.release} of ${model.study}` },
      teacher:
        seen.teacher === null
          ? { boxes: null, why: NO_TEACHER }
          : { boxes: seen.teacher.boxes, who: `after ${seen.teacher.step} local steps` },
    };
  }
}

function nobody(model: string, teacher: string): SeenReply {
  return { model: { boxes: null, why: model }, teacher: { boxes: null, why: teacher } };
}
