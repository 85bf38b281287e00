import { consortiumCensus, type ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import { openClient, type ClientOptions } from './client-options.js';
import { print, table } from './output.js';

const COLUMNS = ['boxPresent', 'boxAbsent', 'imagePresent', 'imageAbsent', 'none'] as const;

/** Training films of each site by class and supervision, and what does not fit together. */
export async function showCensus(name: string, options: ClientOptions): Promise<void> {
  const client = await openClient(options);
  const reply = consortiumCensus.parse(await client.get(`studies/${encodeURIComponent(name)}/census`));
  print(options, reply, text(reply));
}

function text({ sites, warnings }: ConsortiumCensus): string {
  const rows = sites.flatMap(({ site, census }) =>
    (census?.train.classes ?? []).map((row) => [
      row.class,
      site,
      ...COLUMNS.map((column) => String(row[column] ?? '<')),
      row.mapped ? '' : 'not in its label map',
    ]),
  );
  const silent = sites.filter(({ census }) => census === null).map(({ site }) => site);
  const head = ['class', 'site', 'box +', 'box -', 'image +', 'image -', 'none', ''];
  const byClass = [...new Set(rows.map(([first]) => first))].flatMap((first) =>
    rows.filter((row) => row[0] === first),
  );
  return [
    table(head, byClass),
    ...(silent.length === 0 ? [] : [`no census from ${silent.join(', ')}`]),
    ...warnings.map((warning) => `warning: ${warning.text}`),
  ].join('\n');
}
