import { checkPrivacy, type PrivacyCheckOptions, type PrivacyReport } from '../data/privacy/privacy-check.js';
import { failed, passed, skipped, type Check } from './check.js';

/** Places that the line names. */
const NAMED = 10;

/** No value of the source films' headers is in what the site keeps, nor in recordings of what it sent. */
export function headerValuesCheck(options: PrivacyCheckOptions): Check {
  return {
    name: 'privacy',
    title: 'header values',
    async run() {
      if (options.searched.length === 0)
        return skipped('give --data, --home or --also: what is to be searched');
      const report = await checkPrivacy(options);
      const { films, values, files, bytes, unreadable, sightings, open } = report;
      if (sightings.length > 0)
        return failed(
          `values of film headers were found: ${sightingsText(sightings)}`,
          'Stop the agent, delete the named file, and report how it came there.',
        );
      if (open.length > 0)
        return failed(`others may read ${open.join(', ')}`, `chmod go-rwx ${open.join(' ')}`);
      const unknown = unreadable === 0 ? '' : `; of ${unreadable} without a readable header nothing is known`;
      return passed(
        `${values} values of ${films} films are in none of ${files} files, ${bytes} bytes${unknown}`,
      );
    },
  };
}

/** By tag and spelling: a value itself is never repeated. */
function sightingsText(sightings: PrivacyReport['sightings']): string {
  const named = sightings.slice(0, NAMED).map(({ tag, view, file }) => `${tag} as ${view} in ${file}`);
  const more = sightings.length > NAMED ? `, and ${sightings.length - NAMED} more` : '';
  return `${named.join(', ')}${more}`;
}
