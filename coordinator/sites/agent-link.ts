/** What is known of a site's agent while it is connected. The socket layer implements it. */
export interface AgentLink {
  /** Where the site's connection comes from; null when there is none. */
  addressOf(site: string): string | null;
  /** True when `before` is a session of the site's connection: then `next` is one too. */
  renew(site: string, before: string, next: string): boolean;
  /**
   * As long as a site is connected its updates come by a session of that connection. One that gives no sign of life any more gives way.
   * @throws {FederationError} `SITE_ALREADY_CONNECTED` for a session of somebody else who holds the site's key
   */
  requireOwn(site: string, session: string): Promise<void>;
}

/** Who asks: the hash of a session's token, and the address that the request came from. */
export interface Caller {
  readonly session: string;
  readonly address: string;
}
