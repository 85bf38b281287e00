import { appendFileSync, closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { onFailpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { Failpoint } from '@fedoxnet/shared/failpoints/failpoints';
import { fillDisk } from './ballast.js';
import { arming, ARMING_VARIABLE, order, type fault } from './fault.js';

/** Loaded into a program before its own code (`node --import`): counts the failpoints it reaches and acts at those ordered. */
type Armed = z.infer<typeof fault>;

const stated = process.env[ARMING_VARIABLE];
if (stated !== undefined) {
  const { program, folder, ballast } = arming.parse(JSON.parse(stated));
  // Of a life before, which ended before it gave the disk back.
  if (ballast !== undefined) rmSync(ballast, { force: true });
  let seen = -1;
  const hits = new Map<Failpoint, number>();
  onFailpoint((name) => {
    appendFileSync(join(folder, 'hits'), `${name} ${program}\n`);
    const wanted = readOrder(folder);
    if (wanted === null || wanted.program !== program) return;
    if (wanted.id !== seen) hits.clear();
    seen = wanted.id;
    const hit = (hits.get(name) ?? 0) + 1;
    hits.set(name, hit);
    wanted.faults.forEach((fault, index) => {
      const due = fault.point === name && hit >= fault.hit;
      if (due && claim(folder, `${wanted.id} ${index}`, fault.times)) act(fault, ballast);
    });
  });
}

function readOrder(folder: string): z.infer<typeof order> | null {
  try {
    return order.parse(JSON.parse(readFileSync(join(folder, 'order'), 'utf8')));
  } catch {
    return null;
  }
}

/** Takes one of the fault's times; a file made by one process alone keeps two from taking the same. */
function claim(folder: string, name: string, times: number): boolean {
  for (let time = 1; time <= times; time++) {
    try {
      closeSync(openSync(join(folder, `mark ${name} ${time}`), 'wx'));
      return true;
    } catch {
      // taken
    }
  }
  return false;
}

function act({ action, point, ms }: Armed, ballast: string | undefined): void {
  switch (action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      // The signal may take a moment to come; nothing may happen in it.
      for (;;) standStill(1000);
    case 'error':
      throw new Error(`a defect at ${point}`);
    case 'disk-full':
      throw Object.assign(new Error(`ENOSPC: no space left on device, write (${point})`), {
        code: 'ENOSPC',
        errno: -28,
        syscall: 'write',
      });
    case 'fill-disk':
      if (ballast === undefined) throw new Error('this ground has no disk that may be filled');
      return fillDisk(ballast, ms);
    case 'stall':
      return standStill(ms);
    case 'clock':
      moveClock(ms);
  }
}

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Timers and `performance.now()` do not follow the wall clock, on a real machine neither. */
function moveClock(ms: number): void {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given: [] | [value: number | string | Date]) {
      if (given.length === 0) super(Real.now() + ms);
      else super(...given);
    }

    static override now(): number {
      return Real.now() + ms;
    }
  } as DateConstructor;
}
