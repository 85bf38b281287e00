import type { Logger } from 'pino';

/** TensorFlow's own log: `I0000 00:00:1795414994.428329 …`, and its announcement that this format follows. */
const LIBRARY_LINE =
  /^([IW]\d{4} |WARNING: All log messages before absl|\s*$|To enable the following instructions|\d{4}-\d{2}-\d{2} [\d:.]+: [IW] )/;

/** What the trainer prints is for the site's staff (a film set aside, a slow backend); the chatter of its library is not. */
export function logTrainerLine(log: Logger, line: string): void {
  if (LIBRARY_LINE.test(line)) log.debug({ trainer: line }, 'trainer');
  else log.warn(line);
}
