const FILM = /\.(png|jpe?g|dcm|dicom)$/i;

/** Finds films by what label tables call them: a path, the end or beginning of one cut off, or a name without ending. */
export class FilmIndex {
  readonly #byStem = new Map<string, string[]>();

  constructor(names: readonly string[]) {
    for (const name of names) {
      if (!FILM.test(name)) continue;
      const stem = stemOf(name);
      const list = this.#byStem.get(stem);
      if (list === undefined) this.#byStem.set(stem, [name]);
      else list.push(name);
    }
  }

  /** @returns the first of these names that is there, else why the first is not */
  findFirst(names: readonly string[]): { readonly name: string } | { readonly missing: string } {
    const found = names.map((name) => this.find(name));
    return found.find((result) => 'name' in result) ?? found[0] ?? { missing: 'its file has no name' };
  }

  /**
   * @returns the one film that is meant, or in words why there is none. Folders that both names have must agree; with
   *   several left the one with the same ending is meant: `a.png` finds `a.jpg`, films converted after they were
   *   labelled, where there is no `a.png`.
   */
  find(wanted: string): { readonly name: string } | { readonly missing: string } {
    const path = wanted.replaceAll('\\', '/');
    const candidates = (this.#byStem.get(stemOf(path)) ?? []).filter((name) => agree(name, path));
    const exact = candidates.filter((name) => name.slice(name.lastIndexOf('.')) === endingOf(path));
    const [only, ...others] = exact.length > 0 ? exact : candidates;
    if (only === undefined) return { missing: `no film ${wanted} is there` };
    if (others.length > 0) return { missing: `${others.length + 1} films are called ${wanted}` };
    return { name: only };
  }
}

const endingOf = (path: string): string => FILM.exec(path)?.[0] ?? '';
const stemOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(FILM, '');

/** True when one path is the end of the other, endings aside. */
function agree(a: string, b: string): boolean {
  const [long, short] = [a, b]
    .map((path) => `/${path.replace(FILM, '')}`)
    .sort((x, y) => y.length - x.length);
  return long!.endsWith(short!);
}
