/** Raised when a message changes in a way an older peer cannot read. Both sides refuse another number (PROTOCOL_VERSION). */
export const PROTOCOL = 1;
