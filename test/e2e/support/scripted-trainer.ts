import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { trainerCommand, type TrainerCommand, type TrainerEvent } from '@fedoxnet/site-agent/trainer/ipc';
import { script, SCRIPT_VARIABLE } from './script.js';

/** A trainer whose every number is known beforehand: it obeys trainer/ipc.ts and adds `delta` to each weight. */
const rules = script.parse(JSON.parse(process.env[SCRIPT_VARIABLE] ?? '{}'));
let plan: StudyPlan | null = null;

const send = (event: TrainerEvent) => process.send?.(event);

function note(line: string): number {
  appendFileSync(rules.diary, `${line}\n`);
  const kind = line.split(' ')[0] ?? '';
  const lines = readFileSync(rules.diary, 'utf8').split('\n');
  return lines.filter((other) => other.startsWith(`${kind} `)).length;
}

async function train(command: Extract<TrainerCommand, { kind: 'train' }>): Promise<void> {
  const count = note(`train ${command.round} ${command.attempt}`);
  if (rules.dieAt.includes(count)) process.exit(9);
  if (rules.hangAt.includes(count)) return;
  while (rules.waitFor !== undefined && !existsSync(rules.waitFor)) await setTimeout(20);
  if (rules.failAt.includes(count)) {
    send({ kind: 'failed', code: 'FILM_UNREADABLE', message: 'Film 7 cannot be decoded.' });
    return;
  }
  const { weights } = decodeSafetensors(readFileSync(command.global));
  const deltas = new Map(
    [...weights].map(([name, { shape, values }]) => [
      name,
      { shape, values: values.map((_, index) => (rules.ramp ? rules.delta * index : rules.delta)) },
    ]),
  );
  for (let step = 1; step <= rules.steps; step++) {
    const losses = { focal: 1 / step };
    send({ kind: 'progress', round: command.round, step, steps: rules.steps, losses, filmsPerSecond: 2 });
  }
  writeFileSync(command.update, encodeSafetensors(deltas, {}));
  const { round } = command;
  const { masses, steps } = rules;
  send({ kind: 'trained', round, masses, losses: { focal: 0.5 }, steps, seconds: 1, peakRssMb: 100 });
}

/** Two true boxes on one film: one found at score 0.9, and one false alarm at 0.25. */
function evaluate(command: Extract<TrainerCommand, { kind: 'evaluate' }>): void {
  note(`evaluate ${command.round}`);
  decodeSafetensors(readFileSync(command.model));
  const { classes = [], evaluation = { ious: [] } } = plan ?? {};
  const report: EvaluationReport = {
    films: 1,
    classes: classes.map((name) => ({
      class: name,
      films: 1,
      truths: 2,
      byIou: evaluation.ious.map((iou) => ({ iou, matched: [[900, 1]], unmatched: [[250, 1]] })),
    })),
  };
  send({ kind: 'evaluated', round: command.round, report, seconds: 0.5 });
}

process.on('message', (message) => {
  const command = trainerCommand.parse(message);
  if (command.kind === 'prepare') {
    note(`prepare ${command.plan.study}`);
    plan = command.plan;
    send({ kind: 'prepared', backend: 'scripted', films: { train: 4, val: 1, box: 2, image: 1, none: 1 } });
  } else if (command.kind === 'train') {
    void train(command);
  } else {
    evaluate(command);
  }
});
process.on('disconnect', () => process.exit(0));
