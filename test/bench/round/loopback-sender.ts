import { connect } from 'node:net';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';

/** Sends as many bytes as it is told to a port of the loopback, as fast as they go. */
process.once('message', ({ port, bytes }: { readonly port: number; readonly bytes: number }) => {
  const socket = connect(port, '127.0.0.1', () => void send());
  const send = async (): Promise<void> => {
    const chunk = Buffer.alloc(CHUNK_BYTES, 1);
    for (let sent = 0; sent < bytes; sent += chunk.length) {
      if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
    }
    socket.end();
  };
});
