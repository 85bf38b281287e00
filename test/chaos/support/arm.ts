import { appendFileSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { onFailpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { Failpoint } from '@fedoxnet/shared/failpoints/failpoints';
import { arming, ARMING_VARIABLE, type fault } from './fault.js';
import type { z } from 'zod';

/** Loaded into a program before its own code (`node --import`): counts the failpoints it reaches and acts at one. */
type Armed = z.infer<typeof fault>;

const stated = process.env[ARMING_VARIABLE];
if (stated !== undefined) {
  const { log, marks, fault: armed } = arming.parse(JSON.parse(stated));
  const hits = new Map<Failpoint, number>();
  onFailpoint((name) => {
    const hit = (hits.get(name) ?? 0) + 1;
    hits.set(name, hit);
    appendFileSync(log, `${name} ${process.pid}\n`);
    if (armed !== null && armed.point === name && hit >= armed.hit && claim(marks, armed.times)) act(armed);
  });
}

/** Takes one of the fault's times; a file made by one process alone keeps two from taking the same. */
function claim(marks: string, times: number): boolean {
  for (let time = 1; time <= times; time++) {
    try {
      closeSync(openSync(join(marks, String(time)), 'wx'));
      return true;
    } catch {
      // taken
    }
  }
  return false;
}

function act({ action, point, ms }: Armed): void {
  switch (action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      // The signal may take a moment to come; nothing may happen in it.
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    case 'error':
      throw new Error(`a defect at ${point}`);
    case 'disk-full':
      throw Object.assign(new Error(`ENOSPC: no space left on device, write (${point})`), {
        code: 'ENOSPC',
        errno: -28,
        syscall: 'write',
      });
    case 'stall':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      return;
    case 'clock':
      moveClock(ms);
  }
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
