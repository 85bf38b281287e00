import { resolve } from 'node:path';
import { enrolSite } from '../../agent/enrolment.js';
import type { Outcome } from '../terminal.js';

export interface EnrollOptions {
  readonly coordinator: string;
  readonly invitation: string;
  readonly site: string;
  readonly home: string;
}

export async function enroll(options: EnrollOptions): Promise<Outcome> {
  const home = resolve(options.home);
  const { site, address, coordinator } = await enrolSite({ ...options, home });
  return {
    document: { site, coordinator: address, coordinatorKeys: coordinator, home },
    text: [
      `Site ${site} is enrolled at ${address}; its keys are in ${home}.`,
      `Compare the coordinator's signing key with its operator: ${coordinator.signKey}`,
      `Next: fedoxnet-site approve HASH --home ${home}`,
    ].join('\n'),
  };
}
