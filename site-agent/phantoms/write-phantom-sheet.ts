import { writeFile } from 'node:fs/promises';
import { phantomSheet } from './phantom-sheet.js';

/** node site-agent/dist/phantoms/write-phantom-sheet.js site-agent/phantoms/phantoms.png [SEED] */
const [path, seed = 'site'] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('usage: write-phantom-sheet.js FILE.png [SEED]\n');
  process.exitCode = 64;
} else {
  await writeFile(path, await phantomSheet(seed));
}
