import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCoordinator, type Coordinator } from '@fedoxnet/coordinator/coordinator';
import { studyStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { decodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { enrolSite } from '@fedoxnet/site-agent/agent/enrolment';
import type { Catalogue } from '@fedoxnet/site-agent/data/film';
import { RunningAgent, type AgentSettings } from './running-agent.js';
import type { Script } from './script.js';

/** A real coordinator on a port of its own, and folders for sites that join it. Ends with `close`. */
export class Federation {
  private readonly agents: RunningAgent[] = [];

  private constructor(
    readonly folder: string,
    public coordinator: Coordinator,
    readonly address: string,
    private readonly leaseMs: number,
  ) {}

  /**
   * @param leaseMs how long the coordinator waits for a site that is away
   * @param databaseUrl postgres://…; without it the embedded database is used
   */
  static async start(leaseMs = 60_000, databaseUrl?: string): Promise<Federation> {
    const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-e2e-'));
    const coordinator = await listening(folder, leaseMs, 0, databaseUrl);
    const { port } = coordinator.server.address() as AddressInfo;
    return new Federation(folder, coordinator, `http://127.0.0.1:${port}`, leaseMs);
  }

  /** Ends the coordinator, waits, and starts it again at the same address with what it had stored. */
  async restartCoordinator(whileAway: () => Promise<void>): Promise<void> {
    await this.coordinator.close();
    await whileAway();
    this.coordinator = await listening(this.folder, this.leaseMs, Number(new URL(this.address).port));
  }

  async stopAgents(): Promise<void> {
    await Promise.all(this.agents.splice(0).map((agent) => agent.stop()));
  }

  async close(): Promise<void> {
    await this.stopAgents();
    await this.coordinator.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async invite(site: string): Promise<string> {
    const reply = await this.operator('POST', 'invitations', { site });
    return ((await reply.json()) as { invitation: string }).invitation;
  }

  /**
   * Enrols a site, gives it a catalogue, and a policy that approves `plan`.
   * @param address of the coordinator as the site sees it: a proxy for tests that look at the line
   */
  async enrol(site: string, plan: StudyPlan | null, address = this.address): Promise<void> {
    const home = this.home(site);
    await enrolSite({ coordinator: address, invitation: await this.invite(site), site, home });
    await mkdir(this.data(site), { recursive: true });
    await writeFile(join(this.data(site), 'catalogue.json'), JSON.stringify(oneFilm(site)));
    if (plan !== null)
      await writeFile(join(home, 'policy.json'), JSON.stringify({ approve: [planHash(plan)] }));
  }

  home(site: string): string {
    return join(this.folder, site, 'home');
  }

  data(site: string): string {
    return join(this.folder, site, 'data');
  }

  /** One line per command that the scripted trainer of the site got. */
  diary(site: string): string {
    return join(this.folder, site, 'diary');
  }

  /** What an agent of `site` needs to run with the scripted trainer. */
  settings(site: string, script: Omit<Script, 'diary'>): AgentSettings {
    const { home, data } = { home: this.home(site), data: this.data(site) };
    return { home, data, script: { ...script, diary: this.diary(site) }, patienceMs: 20_000, takeoverMs: 0 };
  }

  startAgent(site: string, script: Omit<Script, 'diary'>): RunningAgent {
    const agent = new RunningAgent(this.settings(site, script));
    this.agents.push(agent);
    return agent;
  }

  async createStudy(plan: StudyPlan, model: Uint8Array): Promise<void> {
    await this.operator('POST', 'studies', { plan });
    await this.operator('PUT', `studies/${plan.study}/model`, model);
  }

  async startStudy({ study }: StudyPlan): Promise<void> {
    await this.operator('POST', `studies/${study}/start`);
  }

  async status(study: string): Promise<StudyStatus> {
    const reply = await this.request(`v1/studies/${study}/status`, { token: this.coordinator.tokens.viewer });
    return studyStatus.parse(await reply.json());
  }

  /** Polls the status until `ready`, and fails with the status after `seconds`. */
  async until(study: string, ready: (status: StudyStatus) => boolean, seconds = 30): Promise<StudyStatus> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const status = await this.status(study);
      if (ready(status)) return status;
      if (Date.now() > end)
        throw new Error(`still not so after ${seconds} s: ${JSON.stringify(status, null, 1)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until every site of the study has approved its plan and is connected. */
  untilAllReady(study: string, seconds?: number): Promise<StudyStatus> {
    return this.until(study, ({ sites }) => sites.every((site) => site.approved && site.connected), seconds);
  }

  /** The released model as the operator downloads it. */
  async release(study: string, number: number): Promise<ReturnType<typeof decodeSafetensors>> {
    const reply = await this.operator('GET', `studies/${study}/releases/${number}/model`);
    return decodeSafetensors(new Uint8Array(await reply.arrayBuffer()));
  }

  async operator(method: string, path: string, body?: unknown): Promise<Response> {
    return this.request(`v1/admin/${path}`, { method, body, token: this.coordinator.tokens.operator });
  }

  private async request(
    path: string,
    { method = 'GET', body, token }: { method?: string; body?: unknown; token: string },
  ): Promise<Response> {
    const isBytes = body instanceof Uint8Array;
    const response = await fetch(`${this.address}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      },
      ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

async function listening(
  folder: string,
  leaseMs: number,
  port: number,
  databaseUrl?: string,
): Promise<Coordinator> {
  const dataDir = join(folder, 'coordinator');
  const coordinator = await createCoordinator({ dataDir, leaseMs, databaseUrl });
  await new Promise<void>((resolve) => coordinator.server.listen(port, '127.0.0.1', resolve));
  return coordinator;
}

/** One training film with a box, of a patient whose name must not leave the site. */
function oneFilm(site: string): Catalogue {
  return {
    version: 1,
    source: `films of ${site}`,
    classes: ['Mass', 'Effusion'],
    films: [
      {
        id: `film-${site}`,
        file: 'film.png',
        width: 64,
        height: 64,
        patient: `patient-of-${site}`,
        split: 'train',
        boxes: [{ class: 'Mass', x: 8, y: 8, width: 16, height: 16 }],
        readings: { Mass: { supervision: 'box' } },
      },
    ],
  };
}
