import type { SiteReply } from '../messages.js';

/** One of the console's tabs. */
export interface View {
  start?(site: SiteReply): void;
  /** Called each time the tab is opened; what it throws is shown to the reader. */
  show(): Promise<void>;
  hide?(): void;
  press?(key: string): boolean;
}
