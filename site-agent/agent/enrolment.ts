import { FederationError } from '@fedoxnet/shared/errors';
import { shortName } from '@fedoxnet/shared/ids';
import { enrolReply, hello } from '@fedoxnet/shared/protocol/http-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { ENROL_LABEL, enrolText } from '@fedoxnet/shared/sealing/session-texts';
import { signText } from '@fedoxnet/shared/sealing/signature';
import { Ledger } from '../ledger/ledger.js';
import { HttpClient } from './http-client.js';
import {
  forgetKeys,
  loadOrMakeKeys,
  readMembership,
  requirePinned,
  writeMembership,
  type Membership,
} from './identity.js';

export interface EnrolmentOptions {
  /** http(s) address of the coordinator. */
  readonly coordinator: string;
  readonly invitation: string;
  readonly site: string;
  readonly home: string;
}

/**
 * Turns a one-time invitation into an enrolled site: makes the site's keys, shows the public ones, pins the coordinator's.
 * A refusal leaves nothing behind. When the answer is lost on the way the keys stay, so that the same command can be
 * given again and the coordinator recognises the site.
 */
export async function enrolSite(options: EnrolmentOptions): Promise<Membership> {
  const { invitation, home } = options;
  const address = parseAddress(options.coordinator);
  const site = shortName.safeParse(options.site);
  if (!site.success) {
    throw new FederationError('USAGE', `--site ${options.site}: ${site.error.issues[0]?.message ?? ''}.`);
  }
  if (invitation.length < 16 || invitation.length > 200) {
    throw new FederationError('INVITATION_INVALID', 'The invitation is not a complete one.');
  }
  const existing = await readMembership(home);
  if (existing !== null) {
    throw new FederationError(
      'CONFIG_INVALID',
      `--home ${home} already belongs to site ${existing.site}, enrolled at ${existing.address}.`,
    );
  }
  const ledger = new Ledger({ home, to: address });
  const http = new HttpClient(address, { sent: 0, received: 0 }, { ledger });
  const greeting = await http.json({ method: 'GET', path: 'v1/hello' }, hello, 'hello');
  if (greeting.protocol !== PROTOCOL) {
    throw new FederationError(
      'PROTOCOL_VERSION',
      `The coordinator speaks protocol ${greeting.protocol}, this agent ${PROTOCOL}.`,
    );
  }
  const { keys, made } = await loadOrMakeKeys(home);
  const request = { protocol: PROTOCOL, invitation, site: site.data, keys: publicKeysOf(keys) };
  const signature = signText(ENROL_LABEL, enrolText(request), keys.sign.secretKey);
  try {
    const reply = await http.json(
      { method: 'POST', path: 'v1/sites/enrol', json: { ...request, signature } },
      enrolReply,
      'enrol reply',
    );
    requirePinned(greeting.coordinator, reply.coordinator, address);
  } catch (error) {
    const refused = error instanceof FederationError && !error.entry.retry;
    if (made && refused) await forgetKeys(home);
    throw error;
  }
  const member: Membership = { version: 1, site: site.data, address, coordinator: greeting.coordinator };
  await writeMembership(home, member);
  return member;
}

/** @returns the address without query, fragment and trailing slash */
export function parseAddress(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new FederationError('USAGE', `--coordinator ${text} is not an address such as https://host:8443.`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FederationError('USAGE', `--coordinator ${text} must begin with http:// or https://.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
