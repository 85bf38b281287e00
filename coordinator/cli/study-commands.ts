import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { crossSite, type CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import { studyStatus, type RoundStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import { showCensus } from './census-command.js';
import { openClient, withClientOptions, type ClientOptions } from './client-options.js';
import type { OperatorClient } from './operator-client.js';
import { print, table } from './output.js';
import { noticeLines, participationTable } from './participation-table.js';
import { scoresText } from './scores-table.js';

const created = z.object({ study: z.string(), hash: z.string() });

async function readPlan(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FederationError('DATA_MISSING', `The plan ${file} cannot be read.`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FederationError('PLAN_INVALID', `The plan ${file} is not JSON.`, { cause });
  }
}

async function create(options: ClientOptions & { plan: string; model: string }): Promise<void> {
  const client = await openClient(options);
  const reply = created.parse(await client.post('admin/studies', { plan: await readPlan(options.plan) }));
  await client.putFile(`admin/studies/${reply.study}/model`, options.model);
  print(options, reply, `Study ${reply.study} is created; its plan has hash\n${reply.hash}`);
}

async function order(name: string, kind: string, options: ClientOptions): Promise<void> {
  const client = await openClient(options);
  await client.post(`admin/studies/${encodeURIComponent(name)}/${kind}`);
  print(options, { study: name, order: kind }, `Study ${name}: ${kind}.`);
}

async function readStatus(client: OperatorClient, name: string): Promise<StudyStatus> {
  return studyStatus.parse(await client.get(`studies/${encodeURIComponent(name)}/status`));
}

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : (100 * value).toFixed(1);
}

function roundLine({ round, state, sites, seconds, metrics }: RoundStatus): string[] {
  const counted = sites.filter((site) => site.state === 'counted' || site.state === 'uploaded').length;
  const total = Object.values(seconds).reduce((sum, phase) => sum + phase, 0);
  const { mean } = metrics ?? {};
  return [
    String(round),
    state,
    `${counted}/${sites.length}`,
    total.toFixed(0),
    percent(mean?.ap),
    percent(mean?.ap40),
  ];
}

async function status(name: string, options: ClientOptions): Promise<void> {
  const reply = await readStatus(await openClient(options), name);
  const why = reply.reason === null ? '' : ` (${reply.reason})`;
  const header = ['round', 'state', 'updates', 'seconds', 'AP', 'AP40'];
  const rounds = table(header, reply.history.map(roundLine));
  const sites = table(
    ['site', 'connected', 'approved'],
    reply.sites.map((site) => [site.site, site.connected ? 'yes' : 'no', site.approved ? 'yes' : 'no']),
  );
  const latest = reply.history.at(-1);
  const parts = [
    `${reply.study}: ${reply.state}${why}`,
    noticeLines(reply),
    sites,
    reply.history.length === 0 ? '' : rounds,
    latest === undefined ? '' : `round ${latest.round}\n${participationTable(latest)}`,
    reply.crossSite === null ? '' : scoresText(reply.crossSite),
  ];
  print(options, reply, parts.filter((part) => part !== '').join('\n\n'));
}

async function readScores(client: OperatorClient, name: string, release?: string): Promise<CrossSite> {
  if (release !== undefined) {
    const path = `studies/${encodeURIComponent(name)}/rounds/${numberOf(release)}/scores`;
    return crossSite.parse(await client.get(path));
  }
  const { crossSite: latest } = await readStatus(client, name);
  if (latest === null) throw new FederationError('NOT_FOUND', `No release of ${name} is scored yet.`);
  return latest;
}

async function scores(name: string, options: ClientOptions & { release?: string }): Promise<void> {
  const reply = await readScores(await openClient(options), name, options.release);
  print(options, reply, scoresText(reply));
}

/** @throws {FederationError} `USAGE` */
function numberOf(release: string): number {
  if (/^\d{1,9}$/.test(release)) return Number(release);
  throw new FederationError('USAGE', `--release ${release} is no release number.`);
}

function latestRelease({ study, history }: StudyStatus): number {
  const numbers = history.flatMap(({ release }) => (release === null ? [] : [release.number]));
  if (numbers.length === 0)
    throw new FederationError('NOT_FOUND', `Study ${study} has released nothing yet.`);
  return Math.max(...numbers);
}

async function exportModel(
  name: string,
  options: ClientOptions & { out: string; release?: string },
): Promise<void> {
  const client = await openClient(options);
  const release =
    options.release === undefined ? latestRelease(await readStatus(client, name)) : numberOf(options.release);
  const path = `admin/studies/${encodeURIComponent(name)}/releases/${release}/model`;
  const { bytes, digest } = await client.getFile(path, options.out);
  const receipts = `${options.out}.receipts.json`;
  await writeFile(
    receipts,
    JSON.stringify(await client.get(`admin/studies/${encodeURIComponent(name)}/receipts`)),
  );
  const reply = { study: name, release, file: options.out, bytes, digest, receipts };
  print(
    options,
    reply,
    `Release ${release} of ${name}: ${options.out} (${bytes} bytes, SHA-256 ${digest})\nReceipts of its rounds: ${receipts}`,
  );
}

export function addStudyCommands(program: Command): void {
  const study = program.command('study').description('create, run and take studies away');
  withClientOptions(
    study
      .command('create')
      .description('freeze a plan and its initial model')
      .requiredOption('--plan <file>', 'study plan, JSON')
      .requiredOption('--model <file>', 'initial model, safetensors'),
  ).action(create);
  const orders = {
    start: 'begin the first round',
    pause: 'take updates, but close and open no round',
    resume: 'go on, also after a round that failed',
    cancel: 'end the study for good',
  };
  for (const [kind, description] of Object.entries(orders)) {
    withClientOptions(study.command(`${kind} <name>`).description(description)).action(
      (name: string, options: ClientOptions) => order(name, kind, options),
    );
  }
  withClientOptions(study.command('status <name>').description('rounds and sites of a study')).action(status);
  withClientOptions(
    study
      .command('scores <name>')
      .description('how a release does in each class at each site')
      .option('--release <number>', 'which one; the latest that is scored by default'),
  ).action(scores);
  withClientOptions(
    study
      .command('census <name>')
      .description('what films the sites have, and which labels do not fit together'),
  ).action(showCensus);
  withClientOptions(
    study
      .command('export <name>')
      .description('write a release as safetensors, and the receipts of its rounds beside it')
      .requiredOption('--out <file>', 'where to')
      .option('--release <number>', 'which one; the latest by default'),
  ).action(exportModel);
}
