#!/usr/bin/env node
// Tracked and executable, so that npm can link it before the TypeScript is compiled.
import { existsSync } from 'node:fs';

const program = new URL('../dist/main.js', import.meta.url);
if (!existsSync(program)) {
  console.error('fedoxnet-site: not built yet. Run "npm run setup" in the checkout first.');
  process.exit(69);
}
await import(program.href);
