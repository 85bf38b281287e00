import type { PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { signersSince } from '@fedoxnet/shared/sealing/key-succession';
import { proxyFor, ProxyRefused, ProxyUnreachable } from '../agent/outbound-agent.js';
import { failed, passed, skipped, type Check, type CheckResult } from './check.js';
import { probeCoordinator, type CoordinatorAnswer } from './probe-coordinator.js';

/** Sign-in and deadlines compare times of both sides; tokens live for hours, so a minute is still harmless. */
const CLOCK_LIMIT_SECONDS = 60;

export interface CoordinatorPlace {
  /** Null when the site is not enrolled and no address was given. */
  readonly address: string | null;
  /** The keys pinned at enrolment. */
  readonly pinned: PublicKeys | null;
}

/** Whether the coordinator answers as itself, and whether both clocks agree. It is asked once for both lines. */
export function coordinatorChecks({ address, pinned }: CoordinatorPlace): Check[] {
  let answer: CoordinatorAnswer | null = null;
  return [
    {
      name: 'coordinator',
      title: 'coordinator',
      async run() {
        if (address === null) return skipped('this site is not enrolled and no --coordinator was given');
        try {
          answer = await probeCoordinator(address);
        } catch (error) {
          return unreachable(address, error as NodeJS.ErrnoException);
        }
        return judge(address, pinned, answer);
      },
    },
    {
      name: 'clock',
      title: 'clock',
      run: () =>
        Promise.resolve(answer === null ? skipped('no coordinator to compare it with') : clock(answer)),
    },
  ];
}

function judge(
  address: string,
  pinned: PublicKeys | null,
  { status, hello, askedAt, answeredAt }: CoordinatorAnswer,
): CheckResult {
  if (hello === null)
    return failed(
      `${address} answers with status ${status}, but not as a coordinator`,
      'Check the address and its path; a proxy or login page may answer in its place.',
    );
  if (hello.protocol !== PROTOCOL)
    return failed(
      `the coordinator speaks protocol ${hello.protocol}, this agent ${PROTOCOL}`,
      'Update the older of the two programs.',
    );
  if (pinned !== null && signersSince(pinned, hello.succession, hello.coordinator) === null)
    return failed(
      `the coordinator at ${address} is not the one this site enrolled with`,
      'Do not go on before its operator explains it.',
    );
  const proxy = proxyFor(address);
  const way = proxy === null ? 'directly' : `through proxy ${proxy.host}`;
  return passed(`${address} answers ${way} in ${answeredAt - askedAt} ms`);
}

/** The Date header has whole seconds: it was true at some time between the question and the answer. */
function clock({ theirTime, askedAt, answeredAt }: CoordinatorAnswer): CheckResult {
  if (theirTime === null) return skipped('the coordinator does not say what time it is');
  const late = askedAt - (theirTime + 1000);
  const early = theirTime - answeredAt;
  const apart = Math.max(0, late, early) / 1000;
  if (apart > CLOCK_LIMIT_SECONDS)
    return failed(
      `this machine's clock is ${Math.round(apart)} s ${late > 0 ? 'ahead of' : 'behind'} the coordinator's`,
      'Set the clock by NTP: systemctl enable --now systemd-timesyncd, or the time server of the hospital.',
    );
  return passed(apart < 1 ? 'agrees with the coordinator' : `${apart.toFixed(1)} s from the coordinator's`);
}

const TRUST_FIX =
  'If the hospital or the consortium has its own CA, give its certificate: NODE_EXTRA_CA_CERTS=/path/ca.pem, also in the service file.';

const FIXES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: check the port, and that the coordinator runs.',
  ENOTFOUND: 'The name is not known: check the address and the DNS servers of this machine.',
  EAI_AGAIN: 'No DNS server answers: check /etc/resolv.conf.',
  ETIMEDOUT:
    'A firewall may drop the packets: allow outgoing connections to this host and port, or set HTTPS_PROXY.',
  EHOSTUNREACH: 'There is no route: check network and firewall.',
  ENETUNREACH: 'There is no route: check network and firewall.',
  ECONNRESET: 'Something on the way ended the connection: check firewall, proxy, and http against https.',
  EPROTO: 'What answers speaks no TLS: check http against https, and the port.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'What answers speaks no TLS: check http against https, and the port.',
  CERT_HAS_EXPIRED:
    "The certificate has expired: its operator must renew it; or this machine's clock is wrong.",
  CERT_NOT_YET_VALID: "The certificate is not valid yet: check this machine's clock.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate is for another name: use the name it is for, or ask the operator.',
  SELF_SIGNED_CERT_IN_CHAIN: TRUST_FIX,
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST_FIX,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST_FIX,
  UNABLE_TO_GET_ISSUER_CERT: TRUST_FIX,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST_FIX,
  CERT_SIGNATURE_FAILURE: TRUST_FIX,
};

function unreachable(address: string, error: NodeJS.ErrnoException): CheckResult {
  const code = error.code ?? '';
  const says = `${address}: ${error.message || code}`;
  if (error instanceof ProxyUnreachable)
    return failed(says, 'Check HTTPS_PROXY, or exempt the coordinator with NO_PROXY.');
  if (error instanceof ProxyRefused)
    return failed(
      says,
      error.status === 407
        ? 'The proxy wants a name and password: HTTPS_PROXY=http://name:password@host:port.'
        : 'Ask whoever runs the proxy to allow CONNECT to this host and port.',
    );
  return failed(
    says,
    FIXES[code] ?? 'Check the address, the proxy and the firewall, and that the coordinator runs.',
  );
}
