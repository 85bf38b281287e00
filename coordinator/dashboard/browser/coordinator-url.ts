/** An address of the coordinator relative to this page, so that a proxy may serve it under a prefix. */
export function coordinatorUrl(path: string): URL {
  return new URL(path, document.baseURI);
}
