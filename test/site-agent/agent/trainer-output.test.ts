import { expect } from 'chai';
import pino from 'pino';
import { logTrainerLine } from '@fedoxnet/site-agent/agent/trainer-output';

describe('what the trainer prints', () => {
  const levelOf = (line: string): number => {
    let entry = '{}';
    logTrainerLine(pino({ level: 'debug' }, { write: (text) => (entry = text) }), line);
    return (JSON.parse(entry) as { level: number }).level;
  };
  const { debug, warn } = pino.levels.values;

  it('is a warning when it is about the films or the backend', () => {
    expect(levelOf('Film phantom-00003 is set aside: it cannot be decoded.')).to.equal(warn);
  });

  it('is for debugging when it is chatter of TensorFlow', () => {
    for (const line of [
      'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
      'I0000 00:00:1795414994.428329    2683 port.cc:153] oneDNN custom operations are on.',
      '2026-11-23 05:44:14.100000: I tensorflow/core/platform/cpu_feature_guard.cc:210] optimized',
      '',
    ]) {
      expect(levelOf(line), line).to.equal(debug);
    }
  });
});
