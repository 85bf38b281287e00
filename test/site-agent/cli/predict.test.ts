import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { freshModel } from '@fedoxnet/site-agent/model/oxnet';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { SMALL_MODEL } from '../model/small-model.js';
import { siteDocument } from './support/site-command.js';

const CLASSES = ['Mass', 'Cardiomegaly'];
const plan: ModelPlan = { ...SMALL_MODEL, levels: [3, 5] };

interface Detection {
  readonly class: string;
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
interface Document {
  readonly error?: { readonly code: string; readonly message: string };
  readonly films: readonly {
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly remarks: readonly string[];
    readonly present: Readonly<Record<string, number>>;
    readonly detections: readonly Detection[];
    readonly overlay?: string;
  }[];
  readonly setAside: readonly { readonly id: string; readonly reason: string }[];
}

describe('fedoxnet-site predict', () => {
  let folder: string;
  const at = (...names: string[]) => join(folder, ...names);
  const run = (...args: string[]) => siteDocument<Document>('predict', ...args);
  const weightsThatSee = () => {
    const { weights } = freshModel(plan, CLASSES.length);
    // Cardiomegaly everywhere at .73, masses nowhere.
    weights.get('classSubnet.output.bias')!.values.forEach((_, i, bias) => (bias[i] = i % 2 === 1 ? 1 : -9));
    return weights;
  };
  const metadata = {
    model: JSON.stringify(plan),
    classes: JSON.stringify(CLASSES),
    study: 'chest',
    release: '4',
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-predict-'));
    await writeFile(at('model.safetensors'), encodeSafetensors(weightsThatSee(), metadata));
    const supervision = {};
    await generatePhantoms({
      ...{ out: at('site'), films: 3, seed: 'predict', size: 96, supervision },
      ...{ scanner: 'digital', valFraction: 1, scoredClasses: CLASSES },
    });
    const films = (await readdir(at('site', 'films'))).map((name) => at('site', 'films', name));
    // One film higher than wide, and one of the same name elsewhere.
    await mkdir(at('other'));
    await sharp(films[0]).resize(60, 96, { fit: 'cover' }).jpeg().toFile(at('other', 'tall.jpg'));
    await sharp(films[1]).toFile(at('tall.png'));
    const grey = (value: number, side: number) =>
      sharp(new Uint8Array(side * side).fill(value), { raw: { width: side, height: side, channels: 1 } });
    await grey(0, 64).png().toFile(at('black.png'));
    await grey(9, 1).png().toFile(at('dot.png'));
    await writeFile(at('cut.jpg'), (await readFile(at('other', 'tall.jpg'))).subarray(0, 700));
  });
  after(() => rm(folder, { recursive: true }));

  const model = () => ['--model', at('model.safetensors')];

  it('says what it sees on named films, in their own pixels, and draws it', async () => {
    const files = [at('other', 'tall.jpg'), at('tall.png')];
    const { status, err, document } = await run(...model(), '--overlays', at('drawn'), ...files, files[0]!);
    expect(status, err).to.equal(0);
    expect(document).to.deep.include({
      study: 'chest',
      release: '4',
      classes: CLASSES,
      minScore: 0.3,
      setAside: [],
    });
    expect(document.films.map(({ file, width, height }) => [file, width, height])).to.deep.equal([
      [files[0], 60, 96],
      [files[1], 96, 96],
    ]);
    for (const { detections, width, height, present } of document.films) {
      expect(detections).to.have.lengthOf.within(1, 100);
      expect(new Set(detections.map((d) => d.class))).to.deep.equal(new Set(['Cardiomegaly']));
      expect(Math.min(...detections.map(({ x, y }) => Math.min(x, y)))).to.be.at.least(0);
      expect(Math.max(...detections.map((d) => d.x + d.width))).to.be.at.most(width + 1e-3);
      expect(Math.max(...detections.map((d) => d.y + d.height))).to.be.at.most(height + 1e-3);
      expect(Object.keys(present)).to.deep.equal(CLASSES);
    }
    expect(document.films.map(({ overlay }) => overlay)).to.deep.equal([
      at('drawn', 'tall.png'),
      at('drawn', 'tall-2.png'),
    ]);
    expect((await sharp(at('drawn', 'tall.png')).metadata()).width).to.equal(480); // 60 × 96 enlarged to 768 high
  });

  it('writes COCO results, and beside them what their ids mean', async () => {
    const { status, document } = await run(
      ...model(),
      '--out',
      at('found.json'),
      '--data',
      at('site'),
      '--min-score',
      '.5',
    );
    expect(status).to.equal(0);
    const results = JSON.parse(await readFile(at('found.json'), 'utf8')) as Record<string, unknown>[];
    const images = JSON.parse(await readFile(at('found.images.json'), 'utf8')) as {
      images: { id: number; file_name: string }[];
      categories: unknown;
      annotations: unknown[];
    };
    expect(images.categories).to.deep.equal([
      { id: 1, name: 'Mass' },
      { id: 2, name: 'Cardiomegaly' },
    ]);
    expect(images.annotations).to.deep.equal([]);
    expect(images.images.map(({ file_name }) => file_name)).to.deep.equal(
      document.films.map(({ file }) => file),
    );
    const expected = document.films.flatMap(({ detections }, index) =>
      detections.map(({ x, y, width, height, score }) => ({
        ...{ image_id: index + 1, category_id: 2, bbox: [x, y, width, height], score },
      })),
    );
    expect(results).to.deep.equal(expected);
  });

  it('sets films aside that cannot be used, each with its name and reason, and goes on', async () => {
    const files = ['black.png', 'dot.png', 'cut.jpg', 'absent.png', 'tall.png'].map((name) => at(name));
    const { status, document } = await run(...model(), ...files);
    expect(status).to.equal(0);
    expect(document.films.map(({ file }) => file)).to.deep.equal([at('tall.png')]);
    expect(document.setAside.map(({ id }) => id)).to.deep.equal(files.slice(0, 4));
    for (const { id, reason } of document.setAside) expect(reason).to.contain(id);
  });

  it('doubts what it sees on a negative', async () => {
    const [film] = await readdir(at('site', 'films'));
    await sharp(at('site', 'films', film!))
      .negate()
      .toFile(at('negative.png'));
    const { document } = await run(...model(), at('site', 'films', film!), at('negative.png'));
    expect(document.films.map(({ remarks }) => remarks)).to.deep.equal([
      [],
      ['The picture looks like a negative of a chest film'],
    ]);
  });

  it('turns a film upright that lies on its side, and says so', async () => {
    const [film] = await readdir(at('site', 'films'));
    await sharp(at('site', 'films', film!))
      .rotate(90)
      .toFile(at('sideways.png'));
    const { document } = await run(...model(), at('site', 'films', film!), at('sideways.png'));
    const [upright, sideways] = document.films;
    expect(sideways!.remarks).to.deep.equal(['The film lies sideways: it was turned upright for the model']);
    // The model saw the same pixels, so it found the same boxes: turned with the film, (x, y) is at (96 − y − height, x).
    expect(sideways!.detections).to.have.lengthOf(upright!.detections.length);
    for (const [i, { x, y, width, height }] of upright!.detections.entries()) {
      const found = sideways!.detections[i]!;
      for (const [value, wanted] of [
        [found.x, 96 - y - height],
        [found.y, x],
        [found.width, height],
        [found.height, width],
      ] as const)
        expect(value, `detection ${i}`).to.be.closeTo(wanted, 1e-3);
    }
  });

  it('fails when no film is left', async () => {
    const { status, document } = await run(...model(), at('black.png'), at('dot.png'));
    expect(status).to.equal(65);
    expect(document.error?.code).to.equal('FILM_UNREADABLE');
    expect(document.error?.message).to.contain('black.png').and.contain('1 other');
  });

  it('wants films or a catalogue, one of them', async () => {
    expect((await run(...model())).document.error?.code).to.equal('USAGE');
    expect((await run(...model(), '--data', at('site'), at('tall.png'))).document.error?.code).to.equal(
      'USAGE',
    );
  });

  for (const [name, change] of [
    ['nan', (weights) => (weights.get('fpn.lateral3.kernel')!.values[5] = NaN)],
    ['infinite', (weights) => (weights.get('boxSubnet.output.bias')!.values[0] = Infinity)],
    ['short', (weights) => weights.delete('globalHead.kernel')],
    ['foreign', (weights) => weights.set('fc.weight', { shape: [1], values: new Float32Array(1) })],
  ] as [string, (weights: ReturnType<typeof weightsThatSee>) => unknown][]) {
    it(`refuses a model whose weights are wrong (${name}), naming file and tensor`, async () => {
      const weights = weightsThatSee();
      change(weights);
      const path = at(`${name}.safetensors`);
      await writeFile(path, encodeSafetensors(weights, metadata));
      const { document } = await run('--model', path, at('tall.png'));
      expect(document.error?.code).to.equal('WEIGHTS_INVALID');
      expect(document.error?.message)
        .to.contain(path)
        .and.match(/kernel|bias|weight/);
    });
  }

  it('refuses a model for other classes than it has rows for, and one that is cut off', async () => {
    const classes = JSON.stringify([...CLASSES, 'Nodule']);
    await writeFile(at('classes.safetensors'), encodeSafetensors(weightsThatSee(), { ...metadata, classes }));
    const other = await run('--model', at('classes.safetensors'), at('tall.png'));
    expect(other.document.error?.message)
      .to.contain(at('classes.safetensors'))
      .and.contain('classSubnet.output.kernel');
    const whole = await readFile(at('model.safetensors'));
    for (const length of [0, 7, 200, whole.length - 1]) {
      await writeFile(at('cut.safetensors'), whole.subarray(0, length));
      const { document } = await run('--model', at('cut.safetensors'), at('tall.png'));
      expect(document.error?.code, `${length} bytes`).to.equal('WEIGHTS_INVALID');
      expect(document.error?.message).to.contain(at('cut.safetensors'));
    }
  });
});
