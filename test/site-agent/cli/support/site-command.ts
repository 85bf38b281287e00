import { runCommandLine } from '@fedoxnet/site-agent/cli/command-line';

/** Runs a command as `fedoxnet-site` does with no person watching, and keeps what it printed. */
export async function siteCommand(
  ...args: readonly string[]
): Promise<{ status: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const status = await runCommandLine(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isTerminal: false,
  });
  return { status, out, err };
}

/** The same with --json, and the one document on stdout, of a form that the test knows. */
export async function siteDocument<Document>(
  ...args: readonly string[]
): Promise<{ status: number; document: Document; err: string }> {
  const { status, out, err } = await siteCommand(...args, '--json');
  return { status, document: JSON.parse(out) as Document, err };
}
