import type { FederationError } from '@fedoxnet/shared/errors';
import { pacsAnswerInvalid, pacsRefused, pacsUntrusted } from './pacs-failure.js';

/** Why we do not trust the certificate of the other side, by the code of OpenSSL or Node. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired, or the clock of this machine is wrong',
  CERT_NOT_YET_VALID: 'it is not valid yet, or the clock of this machine is wrong',
  CERT_REVOKED: 'it was revoked',
};
const UNKNOWN_SIGNER = new Set([
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_UNTRUSTED', 'INVALID_CA'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['CERT_SIGNATURE_FAILURE', 'CERT_CHAIN_TOO_LONG', 'INVALID_PURPOSE'],
]);
/** The other side's first bytes are no TLS. */
const NO_TLS = new Set([
  ...['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_UNEXPECTED_MESSAGE'],
  'EPROTO',
]);

/** What a failed TLS connection means for whoever set it up; null for anything else that can happen to a connection. */
export function tlsFailure(place: string, error: unknown): FederationError | null {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  const known = UNTRUSTED[code];
  if (known !== undefined) return pacsUntrusted(place, known, error);
  if (UNKNOWN_SIGNER.has(code)) return pacsUntrusted(place, 'who signed it is unknown here', error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return pacsUntrusted(place, `it is for another name (${nameOf(error)})`, error);
  const alert = /^ERR_SSL_(?:TLSV\d+|SSLV3)_ALERT_(.+)$/.exec(code)?.[1];
  if (alert !== undefined)
    return pacsRefused(
      place,
      `it ends the TLS handshake (${alert.toLowerCase().replaceAll('_', ' ')}): it may want a certificate of ours, or not ` +
        'trust the one that it got',
    );
  if (NO_TLS.has(code)) return pacsAnswerInvalid(place, `it speaks no TLS at this port (${message})`, error);
  return null;
}

/** What the certificate says instead. */
function nameOf(error: unknown): string {
  const { cert } = error as {
    readonly cert?: { readonly subjectaltname?: string; readonly subject?: { CN?: string } };
  };
  return cert?.subjectaltname ?? cert?.subject?.CN ?? 'it has none';
}
