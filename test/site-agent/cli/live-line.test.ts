import { expect } from 'chai';
import { eventText, progressText } from '@fedoxnet/site-agent/agent/event-text';
import { LiveLine } from '@fedoxnet/site-agent/cli/live-line';

describe('what a person at the site sees', () => {
  const progress = {
    study: 'chest-1',
    round: 2,
    attempt: 1,
    phase: 'train',
    step: 40,
    steps: 200,
    losses: { focal: 0.12345, image: 0.5 },
    filmsPerSecond: 3.21,
    bytesSent: 1_540_000,
    bytesReceived: 0,
  } as const;

  it('is where the round stands, in one line', () => {
    expect(progressText(progress)).to.equal(
      'chest-1 round 2 · train 40/200 · focal 0.123 image 0.500 · 3.2 films/s · 1.5 MB sent',
    );
    expect(
      progressText({ ...progress, phase: 'upload', step: 1, steps: 3, losses: {}, filmsPerSecond: 0 }),
    ).to.equal('chest-1 round 2 · upload 1/3 · 1.5 MB sent');
  });

  it('is whom a closed round counted', () => {
    const closed = { event: 'closed', study: 'chest-1', round: 2 } as const;
    expect(eventText({ ...closed, counted: ['north', 'south'] })).to.equal(
      'chest-1 round 2: closed, counted north, south',
    );
    expect(eventText({ ...closed, counted: [] })).to.equal('chest-1 round 2: closed, counted no site');
  });

  it('keeps the live line below what is printed', () => {
    let screen = '';
    const line = new LiveLine({ out: (text) => (screen += text), err: () => undefined, isTerminal: true });
    line.set('step 1');
    line.print('film 7 is set aside');
    line.close();
    const clear = '\r\u001b[K';
    expect(screen).to.equal(`${clear}step 1${clear}film 7 is set aside\nstep 1\n`);
  });
});
