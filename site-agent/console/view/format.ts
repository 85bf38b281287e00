/** The reader's own time of day, 14:05:09. */
export function formatTime(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}
