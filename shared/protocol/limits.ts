/** Plaintext bytes in every chunk of an upload or release but the last. PROTOCOL.md §4. */
export const CHUNK_BYTES = 4 * 1024 * 1024;
/** A sealed chunk is its plaintext and a 16-byte tag. */
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + 16;
/** 4 GiB of float32 is far above ResNet-101's 225 MB and still bounds what a site can make us store. */
export const MAX_CHUNKS = 1024;
/** JSON bodies over HTTP; the largest is an evaluation report. */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;
/** What a site says over its socket; the largest is a progress report. Held from strangers too, until they have shown a token. */
export const MAX_SOCKET_BYTES = 32 * 1024;
