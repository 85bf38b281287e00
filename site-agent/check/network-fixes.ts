import { ProxyRefused, ProxyUnreachable } from '../agent/outbound-agent.js';

const TRUST_FIX =
  'If the hospital or the consortium has its own CA, give its certificate: NODE_EXTRA_CA_CERTS=/path/ca.pem, also in the service file.';

/** By the code of the system or of TLS. */
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

/** What to do about a connection that failed; undefined for what nobody foresaw. */
export function networkFix(error: unknown): string | undefined {
  if (error instanceof ProxyUnreachable) return 'Check HTTPS_PROXY, or exempt this host with NO_PROXY.';
  if (error instanceof ProxyRefused)
    return error.status === 407
      ? 'The proxy wants a name and password: HTTPS_PROXY=http://name:password@host:port.'
      : 'Ask whoever runs the proxy to allow CONNECT to this host and port.';
  return error instanceof Error ? FIXES[(error as NodeJS.ErrnoException).code ?? ''] : undefined;
}
