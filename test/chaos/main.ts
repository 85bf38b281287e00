import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runCampaign } from './support/campaign.js';
import { allCases } from './support/cases.js';
import { Grounds } from './support/grounds.js';
import { details, mergeRows, readRows, rowOf, summary } from './support/matrix.js';
import { runTrial } from './support/trial.js';
import { bytesSentTwice } from './support/verdict.js';

/**
 * `npm run chaos [-- TEXT]`: every case, or those whose fault, phase or place contain TEXT. Prints their matrix and puts
 * their rows into MATRIX.md; those of cases that were not tried stay. Exit status 1 when one study did not end as the undisturbed one.
 */
const FILE = fileURLToPath(new URL('../../chaos/MATRIX.md', import.meta.url));

const ROUNDS = 8;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const only = process.argv[2];
const grounds = new Grounds(ROUNDS);
const all = allCases(grounds);
const cases = all.filter(
  ({ fault, phase, place }) => only === undefined || `${fault} | ${phase} | ${place}`.includes(only),
);
const recoveries: number[] = [];
try {
  const plain = await grounds.fresh('plain');
  if (typeof plain === 'string') throw new Error(plain);
  const undisturbed = await runTrial(plain, []);
  say(
    `undisturbed: ${undisturbed.state}, ${undisturbed.rounds.length} rounds, ${undisturbed.seconds.toFixed(0)} s`,
  );
  let done = 0;
  const results = await runCampaign(
    {
      grounds,
      undisturbed,
      onResult: ({ chaos: { fault, phase, place }, skipped, complaints }) => {
        const said = skipped ?? (complaints.length === 0 ? 'identical' : complaints.join('; '));
        say(`${(done += 1)}/${cases.length} ${fault} | ${phase} | ${place}: ${said}`);
      },
      onStudy: (outcome) => {
        recoveries.push(...outcome.recoveriesMs);
        const { state, reason, tried, seconds } = outcome;
        const twice = (bytesSentTwice(outcome) / 2 ** 20).toFixed(1);
        const why = reason === null ? '' : ` (${reason})`;
        say(`study ${state}${why}: ${tried.length} cases, ${seconds.toFixed(0)} s, ${twice} MiB sent twice`);
      },
    },
    cases,
  );
  const rows = results.map(rowOf);
  process.stdout.write(`${summary(rows)}\n`);
  if (cases.length > 0) {
    const merged = mergeRows(all, readRows(await readFile(FILE, 'utf8').catch(() => '')), rows);
    const heading = `# Faults, and what became of the study

Made by \`npm run chaos\` ([README.md](README.md)). A cell counts the cases after which the study went on to releases that
are the undisturbed study's bit for bit, with every update counted once and no chunk sent again that had arrived.
`;
    await writeFile(FILE, `${heading}\n${summary(merged)}\n\n## Every case\n\n${details(merged)}\n`);
  }
  process.exitCode = results.some(({ complaints }) => complaints.length > 0) ? 1 : 0;
} finally {
  await grounds.end();
}
if (recoveries.length > 0) {
  const [median, longest] = [0.5, 1].map((share) => quantile(recoveries, share));
  process.stdout.write(
    `\ncoordinator serving again: median ${median} s, longest ${longest} s after its death\n`,
  );
}

function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(1);
}
