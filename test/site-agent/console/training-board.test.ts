import { expect } from 'chai';
import type { LiveEvent } from '@fedoxnet/site-agent/agent/live-events';
import { TrainingBoard } from '@fedoxnet/site-agent/console/training-board';

const at = { study: 'chest-1', round: 2, attempt: 1 };
const progress = (step: number): Extract<LiveEvent, { event: 'progress' }> => ({
  ...{ event: 'progress', ...at, phase: 'train', step, steps: 10, losses: { focal: 1 / step } },
  ...{ filmsPerSecond: 2, bytesSent: 0, bytesReceived: 0 },
});

describe('what a running agent told', () => {
  it('is a line for each round: in work, sent, counted or not', () => {
    const board = new TrainingBoard();
    board.apply({ event: 'started', site: 'north', coordinator: 'c', home: 'h' });
    board.apply({ event: 'round', ...at, release: 1 });
    expect(board.view().rounds[0]?.state.text).to.equal('In work');
    board.apply({ event: 'trained', ...at, losses: { focal: 0.5 }, steps: 10, seconds: 3, peakRssMb: 1 });
    board.apply({ event: 'uploaded', ...at, bytes: 99, digest: 'd', bytesSent: 0, bytesReceived: 0 });
    expect(board.view().rounds[0]).to.deep.include({ steps: 10, seconds: 3, bytes: 99, digest: 'd' });
    board.apply({ event: 'closed', study: 'chest-1', round: 2, counted: ['south'] });
    expect(board.view().rounds[0]?.state.text).to.equal('Not counted');
    board.apply({ event: 'round', ...at, round: 3, release: 2 });
    board.apply({ event: 'failed', ...at, round: 3, code: 'X', message: 'A film broke.' });
    expect(board.view().rounds.map(({ round, note }) => [round, note])).to.deep.equal([
      [3, 'A film broke.'],
      [2, null],
    ]);
  });

  it('holds the curve of one round, and goes back when the trainer does', () => {
    const board = new TrainingBoard();
    for (const step of [1, 2, 3, 4]) board.apply(progress(step));
    board.apply(progress(3)); // from its checkpoint
    expect(board.view().curve.map(({ step }) => step)).to.deep.equal([1, 2, 3]);
    board.apply({ ...progress(1), round: 3 });
    expect(board.view().curve.map(({ step }) => step)).to.deep.equal([1]);
  });

  it('does not grow without end', () => {
    const board = new TrainingBoard();
    for (let step = 1; step <= 5000; step++) board.apply({ ...progress(step), steps: 5000 });
    for (let round = 1; round <= 500; round++) board.apply({ event: 'round', ...at, round, release: 0 });
    const { curve, rounds, events } = board.view();
    expect(curve.length).to.be.at.most(600);
    expect(curve.at(-1)?.step).to.equal(5000);
    expect(rounds).to.have.length(200);
    expect(events).to.have.length(100);
  });
});
