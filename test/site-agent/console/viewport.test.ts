import { expect } from 'chai';
import { fitFilm, panBy, zoomAt } from '@fedoxnet/site-agent/console/view/viewport';

const film = { width: 2000, height: 1000 };
const view = { width: 500, height: 400 };

describe('viewport of a film', () => {
  it('fits the whole film and centres it', () => {
    expect(fitFilm(film, view)).to.deep.equal({ scale: 0.25, x: 0, y: 75 }); // 2000 · 0.25 = 500, 400 − 250 = 2 · 75
  });

  it('zooms about the pointer: what is under it stays', () => {
    const before = fitFilm(film, view);
    const at = { x: 125, y: 100 };
    const place = (v: typeof before) => [(at.x - v.x) / v.scale, (at.y - v.y) / v.scale];
    const after = zoomAt(before, 4, at, film, view);
    expect(after.scale).to.equal(1);
    expect(place(after)).to.deep.equal(place(before)); // film pixel 500, 100
  });

  it('ends at half and at forty times the whole', () => {
    const whole = fitFilm(film, view);
    const middle = { x: 250, y: 200 };
    expect(zoomAt(whole, 1000, middle, film, view).scale).to.equal(10);
    expect(zoomAt(whole, 0.001, middle, film, view).scale).to.equal(0.125);
  });

  it('keeps 60 pixels of the film in sight however far it is moved', () => {
    const whole = fitFilm(film, view);
    expect(panBy(whole, 10_000, 0, film, view).x).to.equal(440); // 500 − 60
    expect(panBy(whole, -10_000, 0, film, view).x).to.equal(-440); // 60 − 500
    expect(panBy(whole, 3, -2, film, view)).to.deep.equal({ scale: 0.25, x: 3, y: 73 });
  });
});
