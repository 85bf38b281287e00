import sharp from 'sharp';
import { classColour } from './class-colours.js';
import { filmTile, type SheetFilm } from './film-tile.js';
import { escapeXml, FONT_FAMILY, rasterize } from './rasterize.js';

export interface FilmSheetOptions {
  readonly title: string;
  /** One line under the title: which model, which films. */
  readonly subtitle: string;
  /** In the order of the study, so that a class has one colour in all pictures. */
  readonly classes: readonly string[];
  readonly films: readonly SheetFilm[];
  readonly columns?: number;
  /** Side of a film in the picture, pixels. */
  readonly tile?: number;
  /** Colours of the PNG's palette, 2 … 256: fewer make a smaller file. */
  readonly colours?: number;
}

const MARGIN = 24;
const GAP = 12;
const CAPTION = 24;
const HEADER = 70;
const LEGEND_ROW = 24;

/**
 * A picture of films side by side: true boxes drawn through, found ones dashed with their score, a legend below.
 * @returns the bytes of a PNG file
 */
export async function filmSheet(options: FilmSheetOptions): Promise<Buffer> {
  const { title, subtitle, classes, films, columns = 4, tile = 360, colours = 256 } = options;
  const rows = Math.ceil(films.length / columns);
  const width = 2 * MARGIN + columns * tile + (columns - 1) * GAP;
  const gridBottom = HEADER + MARGIN + rows * (tile + CAPTION) + (rows - 1) * GAP;
  const legend = legendOf(classes, films, width - 2 * MARGIN);
  const height = gridBottom + 16 + legend.height + MARGIN;
  const tiles = await Promise.all(
    films.map(async (film, index) => {
      const x = MARGIN + (index % columns) * (tile + GAP);
      const y = HEADER + MARGIN + Math.floor(index / columns) * (tile + CAPTION + GAP);
      return (
        `<svg x="${x}" y="${y}" width="${tile}" height="${tile}">${await filmTile(film, classes, tile)}</svg>` +
        `<text x="${x}" y="${y + tile + 16}" font-size="12" fill="#9aa7b4">${escapeXml(shortened(film.caption, tile / 6.6))}</text>`
      );
    }),
  );
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT_FAMILY}">` +
    `<rect width="100%" height="100%" fill="#0d1117"/>` +
    `<text x="${MARGIN}" y="48" font-size="24" font-weight="bold" fill="#f0f4f8">${escapeXml(title)}</text>` +
    `<text x="${MARGIN}" y="74" font-size="13.5" fill="#9aa7b4">${escapeXml(subtitle)}</text>` +
    tiles.join('') +
    `<g transform="translate(${MARGIN} ${gridBottom + 16})">${legend.svg}</g></svg>`;
  return sharp(rasterize(svg))
    .png({ palette: true, colours, dither: colours < 256 ? 0 : 0.6, effort: 7 })
    .toBuffer();
}

/** At most `limit` characters, an ellipsis in the place of what does not fit. */
function shortened(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, Math.floor(limit) - 1).trimEnd()}…`;
}

/** Classes that occur on the sheet with their colours, and what the two kinds of line mean. */
function legendOf(
  classes: readonly string[],
  films: readonly SheetFilm[],
  width: number,
): { svg: string; height: number } {
  const shown = new Set(
    films.flatMap((film) => [...film.truths, ...film.detections].map((box) => box.class)),
  );
  const anyFound = films.some((film) => film.detections.length > 0);
  const entries = [
    { text: 'marked by a reader', colour: '#e6edf3', line: '' },
    ...(anyFound
      ? [{ text: 'found by the model, with its score', colour: '#e6edf3', line: ' stroke-dasharray="5 3.5"' }]
      : []),
    ...classes.flatMap((name, index) =>
      shown.has(name) ? [{ text: name, colour: classColour(index), line: null }] : [],
    ),
  ];
  let x = 0;
  let y = 0;
  const parts = entries.map(({ text, colour, line }) => {
    const needed = 42 + text.length * 8.2;
    if (x > 0 && x + needed > width) {
      x = 0;
      y += LEGEND_ROW;
    }
    const sign =
      line === null
        ? `<rect x="${x}" y="${y + 2}" width="22" height="14" rx="3" fill="${colour}"/>`
        : `<rect x="${x + 1}" y="${y + 2}" width="20" height="14" rx="1.5" fill="none" stroke="${colour}" stroke-width="1.8"${line}/>`;
    const label = `<text x="${x + 29}" y="${y + 14}" font-size="13" fill="#c9d4df">${escapeXml(text)}</text>`;
    x += needed;
    return sign + label;
  });
  return { svg: parts.join(''), height: y + LEGEND_ROW };
}
