import type { RoundStatus, SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';

/** Two sites, two classes, three rounds planned; tests fill in what they are about. */
export function study(history: RoundStatus[], changes: Partial<StudyStatus> = {}): StudyStatus {
  const films = { train: 1200, val: 30, box: 1000, image: 200, none: 0 };
  return {
    study: 'small',
    title: 'Small study',
    state: 'running',
    reason: null,
    planHash: 'ab12cd34ef56'.padEnd(64, '7'),
    classes: ['Nodule', 'Effusion'],
    rounds: 3,
    sites: [
      {
        site: 'alpha',
        connected: true,
        approved: true,
        description: { agent: '0.1.0', backend: 'native CPU', films },
        bytesSent: 1500,
        bytesReceived: 2_500_000,
      },
      { site: 'beta', connected: false, approved: false, description: null, bytesSent: 0, bytesReceived: 0 },
    ],
    notices: [],
    crossSite: null,
    history,
    ...changes,
  };
}

export function round(number: number, changes: Partial<RoundStatus> = {}): RoundStatus {
  return {
    round: number,
    attempt: 1,
    state: 'training',
    startedAt: '2025-03-01T00:00:00.000Z',
    endedAt: null,
    seconds: {},
    sites: [],
    metrics: null,
    release: null,
    ...changes,
  };
}

export function siteRound(site: string, changes: Partial<SiteRound> = {}): SiteRound {
  return {
    site,
    state: 'training',
    reason: null,
    stages: {},
    carriedFrom: null,
    filmShare: null,
    step: 0,
    steps: 10,
    losses: {},
    curve: [],
    filmsPerSecond: 0,
    pseudo: null,
    masses: null,
    uploadBytes: 0,
    ...changes,
  };
}

/** AP of [Nodule, Effusion] at every measure alike, and their mean over the classes that have one. */
export function metrics(nodule: number | null, effusion: number | null): NonNullable<RoundStatus['metrics']> {
  const all = (value: number | null) => ({ ap: value, ap40: value, ap50: value, ap75: value });
  const known = [nodule, effusion].filter((value) => value !== null);
  const mean = known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  return {
    mean: all(mean),
    perClass: [
      { class: 'Nodule', films: 30, truths: nodule === null ? 0 : 9, ...all(nodule) },
      { class: 'Effusion', films: 30, truths: effusion === null ? 0 : 9, ...all(effusion) },
    ],
  };
}
