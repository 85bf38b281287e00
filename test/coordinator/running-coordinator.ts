import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCoordinator, type Coordinator } from '@fedoxnet/coordinator/coordinator';
import type { ServerLimits } from '@fedoxnet/coordinator/http/server-limits';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { studyStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import { FakeSite } from './fake-site.js';
import { call, type Answer } from './http-call.js';
import { initialModel } from './study-of-three-tensors.js';

/** A real coordinator on a free port of the loopback, with its data in a folder of its own. */
export class RunningCoordinator {
  private readonly sites: FakeSite[] = [];

  private constructor(
    readonly dataDir: string,
    readonly coordinator: Coordinator,
    readonly url: string,
  ) {}

  static async start(dataDir?: string, leaseMs?: number, limits?: ServerLimits): Promise<RunningCoordinator> {
    const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'fedoxnet-test-')));
    const options = { ...(leaseMs !== undefined && { leaseMs }), ...(limits && { limits }) };
    const coordinator = await createCoordinator({ dataDir: folder, ...options });
    const port = await new Promise<number>((resolve) => {
      coordinator.server.listen(0, '127.0.0.1', () =>
        resolve((coordinator.server.address() as AddressInfo).port),
      );
    });
    return new RunningCoordinator(folder, coordinator, `http://127.0.0.1:${port}`);
  }

  operate(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(this.url, method, path, { token: this.coordinator.tokens.operator, body });
  }

  async status(study: string): Promise<StudyStatus> {
    const { viewer } = this.coordinator.tokens;
    return studyStatus.parse(
      (await call(this.url, 'GET', `studies/${study}/status`, { token: viewer })).json,
    );
  }

  /** Asks until `isThere` says yes; a test that waits in vain ends by its own timeout. */
  async until(study: string, isThere: (status: StudyStatus) => boolean): Promise<StudyStatus> {
    for (;;) {
      const status = await this.status(study);
      if (isThere(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  async invitation(site: string): Promise<string> {
    const { json } = await this.operate('POST', 'admin/invitations', { site });
    return (json as { invitation: string }).invitation;
  }

  /** Enrolled and signed in. */
  async site(name: string): Promise<FakeSite> {
    const site = new FakeSite(this.url, name);
    this.sites.push(site);
    await site.enrol(await this.invitation(name));
    await site.signIn();
    return site;
  }

  /** With its model, not started. @returns the plan's hash */
  async study(plan: StudyPlan): Promise<string> {
    const created = await this.operate('POST', 'admin/studies', { plan });
    await this.operate('PUT', `admin/studies/${plan.study}/model`, initialModel());
    return (created.json as { hash: string }).hash;
  }

  async stop(): Promise<void> {
    await this.coordinator.close();
  }

  /** Closes the sites that it made, stops, and leaves nothing behind. */
  async remove(): Promise<void> {
    for (const site of this.sites) site.close();
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
