import type { PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { signersSince } from '@fedoxnet/shared/sealing/key-succession';
import { proxyFor } from '../agent/outbound-agent.js';
import { failed, passed, skipped, type Check, type CheckResult } from './check.js';
import { networkFix } from './network-fixes.js';
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

function unreachable(address: string, error: NodeJS.ErrnoException): CheckResult {
  return failed(
    `${address}: ${error.message || (error.code ?? '')}`,
    networkFix(error) ?? 'Check the address, the proxy and the firewall, and that the coordinator runs.',
  );
}
