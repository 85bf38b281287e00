/** Served beside the compiled modules from the installed package (routes.ts): a browser knows no package names. */
export { io } from 'socket.io-client';
export type { Socket } from 'socket.io-client';
