import { expect } from 'chai';
import { parseStudyPlan } from '@fedoxnet/shared/study/parse-plan';
import type { ClassReading, FilmRecord } from '@fedoxnet/site-agent/data/film';
import { inStudyNames } from '@fedoxnet/site-agent/data/study-names';
import { expectRefusal } from '../../shared/refusal.js';
import { samplePlan } from '../../shared/study/sample-plan.js';
import { filmRecord } from './support/film-record.js';

const STUDY = { classes: ['Effusion', 'Opacity'], labels: { Opacity: ['Consolidation', 'Infiltrate'] } };
const BOX: ClassReading = { supervision: 'box' };
const label = (present: 0 | 1): ClassReading => ({ supervision: 'image', present });

function film(readings: FilmRecord['readings'], boxed: readonly string[] = []): FilmRecord {
  const boxes = boxed.map((name, at) => ({ class: name, x: at, y: 0, width: 5, height: 5 }));
  return filmRecord('f', { boxes, readings });
}

function opacity(classes: string[], one: FilmRecord): FilmRecord {
  return inStudyNames({ classes, films: [one] }, STUDY).films[0]!;
}

describe("a catalogue in the study's names", () => {
  const BOTH = ['Consolidation', 'Infiltrate'];

  it('takes the one name that the site uses for the class itself', () => {
    const { classes, films } = inStudyNames(
      {
        classes: ['Infiltrate', 'Effusion', 'Hernia'],
        films: [film({ Infiltrate: BOX, Hernia: BOX }, ['Infiltrate'])],
      },
      STUDY,
    );
    expect(classes).to.deep.equal(['Effusion', 'Opacity']);
    expect(films[0]).to.deep.include({ readings: { Opacity: BOX } });
    expect(films[0]!.boxes.map((box) => box.class)).to.deep.equal(['Opacity']);
  });

  it('knows every lesion only where all names are boxed', () => {
    const both = opacity(BOTH, film({ Consolidation: BOX, Infiltrate: BOX }, BOTH));
    expect(both.readings).to.deep.equal({ Opacity: BOX });
    expect(both.boxes).to.have.length(2);
    const half = opacity(BOTH, film({ Consolidation: BOX }, ['Consolidation']));
    expect(half.readings, 'there may be infiltrates without a box').to.deep.equal({ Opacity: label(1) });
  });

  it('is absent only where all names are, and unknown where one of them is', () => {
    const absent = opacity(BOTH, film({ Consolidation: BOX, Infiltrate: label(0) }));
    expect(absent.readings).to.deep.equal({ Opacity: label(0) });
    expect(opacity(BOTH, film({ Consolidation: label(0) })).readings).to.deep.equal({});
    expect(opacity(BOTH, film({ Consolidation: label(0), Infiltrate: label(1) })).readings).to.deep.equal({
      Opacity: label(1),
    });
  });

  it('counts a lesion once that was boxed under two names', () => {
    const boxes = BOTH.map((name) => ({ class: name, x: 1, y: 2, width: 3, height: 4 }));
    const one = { ...film({ Consolidation: BOX, Infiltrate: BOX }), boxes };
    expect(opacity(BOTH, one).boxes).to.deep.equal([{ class: 'Opacity', x: 1, y: 2, width: 3, height: 4 }]);
  });

  it('is as it was where the plan names nothing', () => {
    const catalogue = { classes: BOTH, films: [film({ Infiltrate: BOX })] };
    expect(inStudyNames(catalogue, { classes: ['Infiltrate'] })).to.equal(catalogue);
  });
});

describe('the names of a plan', () => {
  it('belong to a class of the study, and to one alone', () => {
    const { classes } = samplePlan;
    const refuse = (labels: Record<string, string[]>, text: string) =>
      expectRefusal(() => parseStudyPlan({ ...samplePlan, labels }), 'PLAN_INVALID', text);
    refuse({ Hernia: ['Hiatal hernia'] }, 'labels.Hernia: this is no class');
    refuse({ [classes[0]!]: [classes[1]!] }, 'is a class of the study itself');
    refuse({ [classes[0]!]: ['Big heart'], [classes[1]!]: ['Big heart'] }, 'already stands for');
    expect(parseStudyPlan({ ...samplePlan, labels: { [classes[0]!]: ['Big heart'] } }).labels).to.not.equal(
      undefined,
    );
  });
});
