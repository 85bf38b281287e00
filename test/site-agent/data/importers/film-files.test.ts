import { expect } from 'chai';
import sharp from 'sharp';
import { readFilmHeader } from '@fedoxnet/site-agent/data/importers/film-header';
import { FilmIndex } from '@fedoxnet/site-agent/data/importers/film-index';
import { pngHeader } from './support/import-folder.js';

describe('readFilmHeader', () => {
  const picture = sharp({ create: { width: 321, height: 123, channels: 3, background: '#888' } });

  it('reads the size that a decoder finds, of plain and progressive JPEG, with a profile before it, and of PNG', async () => {
    const films = [
      await picture.clone().jpeg().toBuffer(),
      await picture.clone().jpeg({ progressive: true }).withIccProfile('p3').toBuffer(),
      await picture.clone().png().toBuffer(),
    ];
    for (const film of films) expect(readFilmHeader(film)).to.include({ width: 321, height: 123 });
  });

  it('asks for more where the beginning is too short, and never reads beyond it', async () => {
    for (const film of [pngHeader(8, 9), await picture.clone().jpeg().toBuffer()]) {
      const full = readFilmHeader(film);
      for (let bytes = 0; bytes < Math.min(film.length, 2000); bytes += 1) {
        const size = readFilmHeader(film.subarray(0, bytes));
        if (size !== null) expect(size).to.deep.equal(full);
      }
      expect(readFilmHeader(film.subarray(0, 20))).to.equal(null);
    }
  });

  it('refuses what is no film, and sizes of nothing', () => {
    for (const bytes of [
      Buffer.from('GIF89a, not a film'),
      pngHeader(0, 5),
      Buffer.from([0xff, 0xd8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ])
      expect(() => readFilmHeader(bytes)).to.throw();
  });
});

describe('FilmIndex', () => {
  const index = new FilmIndex([
    'images_001/images/00000001_000.png',
    'p1/study1/view1_frontal.jpg',
    'p2/study1/view1_frontal.jpg',
    'both/a.png',
    'both/a.jpg',
    'x/b.png',
    'y/b.png',
    'notes/c.txt',
  ]);
  const found = (wanted: string) => index.find(wanted);

  it('finds by name, by name without ending, and by a path of which either knows more', () => {
    const first = { name: 'images_001/images/00000001_000.png' };
    expect(found('00000001_000.png')).to.deep.equal(first);
    expect(found('00000001_000')).to.deep.equal(first);
    expect(found('00000001_000.dcm'), 'converted since').to.deep.equal(first);
    expect(found('CheXpert-v1.0/train/p2/study1/view1_frontal.jpg')).to.deep.equal({
      name: 'p2/study1/view1_frontal.jpg',
    });
    expect(found('study1\\view1_frontal.jpg')).to.have.property('missing');
    expect(found('a.jpg')).to.deep.equal({ name: 'both/a.jpg' });
  });

  it('says why there is none', () => {
    expect(found('b')).to.deep.equal({ missing: '2 films are called b' });
    expect(found('c')).to.deep.equal({ missing: 'no film c is there' });
    expect(found('p3/study1/view1_frontal.jpg')).to.have.property('missing');
    expect(found('1_000.png'), 'a part of a name is not the name').to.have.property('missing');
  });

  it('tries several names in their order', () => {
    expect(index.findFirst(['nothing', 'x/b.png'])).to.deep.equal({ name: 'x/b.png' });
    expect(index.findFirst(['nothing', 'no'])).to.deep.equal({ missing: 'no film nothing is there' });
  });
});
