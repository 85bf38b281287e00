/** Colours and font of a chart. The page takes light or dark by the reader's preference; pictures are light. */
export interface ChartTheme {
  readonly text: string;
  readonly muted: string;
  readonly gridLine: string;
  readonly surface: string;
  readonly font: string;
  /** Series colours, told apart with the common colour deficiencies; `seriesMark` adds a symbol and a dash. */
  readonly series: readonly string[];
}

// Single quotes: ECharts writes the list into a double-quoted SVG attribute as it is.
const FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/** After Okabe and Ito (2008), "Color Universal Design"; yellow is left out because it vanishes on white. */
export const LIGHT_THEME: ChartTheme = {
  text: '#17222d',
  muted: '#5a6876',
  gridLine: '#e3e8ed',
  surface: '#ffffff',
  font: FONT,
  series: ['#0072b2', '#d55e00', '#009e73', '#b8578f', '#c98500', '#2f93d0', '#4b5563'],
};

/** The same hues, lightened to keep a contrast of 3:1 and more on the dark surface. */
export const DARK_THEME: ChartTheme = {
  text: '#e6ecf2',
  muted: '#9aa8b6',
  gridLine: '#2b3744',
  surface: '#17202a',
  font: FONT,
  series: ['#4aa8e8', '#f08441', '#35c79b', '#e39ac4', '#efb73e', '#8fd0f5', '#a8b3bf'],
};

const SYMBOLS = [
  'circle',
  'rect',
  'triangle',
  'diamond',
  'emptyCircle',
  'emptyRect',
  'emptyTriangle',
] as const;
const DASHES = ['solid', 'dashed', 'dotted'] as const;

/** How series number `index` looks, everywhere: the same site or class keeps its colour, symbol and dash. */
export function seriesMark(theme: ChartTheme, index: number) {
  const colours = theme.series.length;
  return {
    color: theme.series[index % colours] ?? theme.text,
    symbol: SYMBOLS[index % SYMBOLS.length] ?? 'circle',
    dash: DASHES[Math.floor(index / colours) % DASHES.length] ?? 'solid',
  };
}
