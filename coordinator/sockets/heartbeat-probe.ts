import type { Socket } from 'socket.io';

/** The parts of an engine.io connection that a probe needs; `sendPacket` is what engine.io's own heartbeat calls. */
interface HeartbeatConnection {
  readonly readyState: string;
  sendPacket(type: 'ping'): void;
  on(event: 'heartbeat', listener: () => void): void;
  off(event: 'heartbeat', listener: () => void): void;
}

/**
 * Asks a connection for a sign of life by a heartbeat of the transport, which every client answers by itself.
 * @returns false when no answer came in time: the peer is gone, though TCP has not noticed
 */
export function isAlive(socket: Socket, timeoutMs: number): Promise<boolean> {
  const connection = socket.conn as unknown as HeartbeatConnection;
  if (!socket.connected || connection.readyState !== 'open') return Promise.resolve(false);
  return new Promise((resolve) => {
    const finish = (alive: boolean): void => {
      clearTimeout(timer);
      connection.off('heartbeat', onHeartbeat);
      socket.off('disconnect', onDisconnect);
      resolve(alive);
    };
    const onHeartbeat = (): void => finish(true);
    const onDisconnect = (): void => finish(false);
    const timer = setTimeout(() => finish(false), timeoutMs);
    connection.on('heartbeat', onHeartbeat);
    socket.on('disconnect', onDisconnect);
    connection.sendPacket('ping');
  });
}
