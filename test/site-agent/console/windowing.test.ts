import { expect } from 'chai';
import { dragWindow, greyTable, windowBetween } from '@fedoxnet/site-agent/console/view/windowing';

const greys = (table: Uint32Array, ...values: number[]) => values.map((value) => table[value]! & 0xff);

describe('window of a film', () => {
  it('shows its lower end black, its centre grey, its upper end white, and clips beyond', () => {
    const table = greyTable(windowBetween(100, 200), false, 256);
    expect(greys(table, 0, 100, 150, 200, 255)).to.deep.equal([0, 0, 128, 255, 255]);
  });

  it('inverts', () => {
    const table = greyTable(windowBetween(100, 200), true, 256);
    expect(greys(table, 0, 100, 200)).to.deep.equal([255, 255, 0]);
  });

  it('knows 16 bits: a narrow window tells values apart that 8 bits do not', () => {
    const table = greyTable({ centre: 40_000, width: 255 }, false, 65_536);
    expect(table).to.have.length(65_536);
    // From black at 39,872.5 one grey for each value.
    expect(greys(table, 39_873, 39_874, 40_127)).to.deep.equal([1, 2, 255]);
  });

  it('is opaque grey in each of the four bytes', () => {
    expect(greyTable(windowBetween(0, 255), false, 256)[16]).to.equal(0xff101010);
  });

  it('moves by its first width over 300 pixels: right is wider, down is a higher centre', () => {
    const first = windowBetween(0, 300);
    expect(dragWindow(first, first, 30, 0)).to.deep.equal({ centre: 150, width: 330 });
    expect(dragWindow(first, first, 0, 60)).to.deep.equal({ centre: 210, width: 300 });
    expect(dragWindow(first, first, -10_000, 0).width, 'never nothing').to.equal(1);
  });
});
