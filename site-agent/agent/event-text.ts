import type { LiveEvent, Progress } from './live-events.js';

/** 1_536_000 → `1.5 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The line that is rewritten while a round runs. */
export function progressText(progress: Progress): string {
  const { study, round, phase, step, steps, losses, filmsPerSecond, bytesSent } = progress;
  const terms = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return [
    `${study} round ${round}`,
    `${phase} ${step}/${steps}`,
    ...(terms.length === 0 ? [] : [terms.join(' ')]),
    ...(filmsPerSecond === 0 ? [] : [`${filmsPerSecond.toFixed(1)} films/s`]),
    `${megabytes(bytesSent)} sent`,
  ].join(' · ');
}

/** The line that stays. */
export function eventText(event: Exclude<LiveEvent, { event: 'progress' }>): string {
  switch (event.event) {
    case 'started':
      return `Site ${event.site} · coordinator ${event.coordinator} · home ${event.home}`;
    case 'prepared': {
      const { train, val, box, image, none } = event.films;
      return `Backend ${event.backend} · ${train} training films (${box} box, ${image} image, ${none} none), ${val} held out`;
    }
    case 'connected':
      return `Connected to ${event.coordinator}`;
    case 'disconnected':
      return `Connection lost (${event.reason})`;
    case 'round':
      return `${event.study} round ${event.round}: invited, from release ${event.release}`;
    case 'declined':
      return `${event.study} round ${event.round}: declined, ${event.code}: ${event.message}`;
    case 'trained':
      return `${event.study} round ${event.round}: trained ${event.steps} steps in ${event.seconds.toFixed(1)} s, peak ${Math.round(event.peakRssMb)} MB`;
    case 'uploaded':
      return `${event.study} round ${event.round}: update sent, ${megabytes(event.bytes)}`;
    case 'evaluated':
      return `${event.study} round ${event.round}: release scored on ${event.films ?? 'few'} films in ${event.seconds.toFixed(1)} s`;
    case 'failed':
      return `${event.study} round ${event.round}: ${event.code}: ${event.message}`;
    case 'closed':
      return `${event.study} round ${event.round}: closed, counted ${event.counted.join(', ') || 'no site'}`;
    case 'ended':
      return `${event.study}: ${event.state}`;
  }
}
