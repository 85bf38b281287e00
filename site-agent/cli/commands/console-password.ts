import { resolve } from 'node:path';
import { password } from '@fedoxnet/shared/access/password';
import { FederationError } from '@fedoxnet/shared/errors';
import { setConsolePassword } from '../../console/access/console-password.js';
import { readSecret } from '../read-secret.js';
import type { Outcome } from '../terminal.js';

/** Sets the password of the site console: asked for twice at a terminal, else one line of stdin. */
export async function consolePassword(options: { readonly home: string }): Promise<Outcome> {
  const home = resolve(options.home);
  const given = await readSecret('Password of the console: ');
  const parsed = password.safeParse(given);
  if (!parsed.success) {
    throw new FederationError('USAGE', `The password ${parsed.error.issues[0]?.message ?? 'is not usable'}.`);
  }
  if (process.stdin.isTTY && (await readSecret('The same again: ')) !== given) {
    throw new FederationError('USAGE', 'The two passwords are not the same.');
  }
  await setConsolePassword(home, parsed.data);
  return {
    document: { home, set: true },
    text: `The console of ${home} asks for this password from now on.`,
  };
}
