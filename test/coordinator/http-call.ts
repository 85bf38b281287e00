export interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  /** The body parsed, null when it is no JSON. */
  readonly json: unknown;
  /** Code of a refusal, null when it is none. */
  readonly code: string | null;
}

/** One request to a coordinator, answered whatever its status. */
export async function call(
  url: string,
  method: string,
  path: string,
  { token, body }: { readonly token?: string; readonly body?: unknown } = {},
): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (token !== undefined && token !== '') headers.authorization = `Bearer ${token}`;
  const isBytes = body instanceof Uint8Array;
  if (body !== undefined) headers['content-type'] = isBytes ? 'application/octet-stream' : 'application/json';
  const response = await fetch(path.startsWith('/') ? `${url}${path}` : `${url}/v1/${path}`, {
    method,
    headers,
    ...(body === undefined
      ? {}
      : { body: isBytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  let json: unknown = null;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // Sealed bytes are no JSON.
  }
  const { error } = (json ?? {}) as { readonly error?: { readonly code?: string } };
  return { status: response.status, bytes, json, code: error?.code ?? null };
}
