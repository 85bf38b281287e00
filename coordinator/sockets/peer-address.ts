import type { Socket } from 'socket.io';

/** As `request.ip` of an HTTP request: exactly one proxy is believed. */
export function peerAddress(
  { headers, address }: Pick<Socket['handshake'], 'headers' | 'address'>,
  behindProxy: boolean,
): string {
  const forwarded = behindProxy ? headers['x-forwarded-for'] : undefined;
  return (
    String(forwarded ?? address)
      .split(',')
      .at(-1)
      ?.trim() ?? address
  );
}
