import { expect } from 'chai';
import { findFilms } from '@fedoxnet/site-agent/data/pacs/find-films';
import type { FilmQuery } from '@fedoxnet/site-agent/data/pacs/pacs';
import { rejection } from '../../../support/rejection.js';
import { Drawer, type DrawerFilm } from './support/drawer.js';

const ANY: FilmQuery = { modalities: ['CR', 'DX'], from: null, to: null, bodyPart: null };
const CR_CLASS = '1.2.840.10008.5.1.4.1.1.1';
const GREY_STATE = '1.2.840.10008.5.1.4.1.1.11.1';

const film = (number: number, date: string, more: Partial<DrawerFilm> = {}): DrawerFilm => ({
  ...{ study: `1.${number}`, series: `1.${number}.1`, instance: `1.${number}.1.1`, date },
  ...more,
});

describe('search for films in a PACS', () => {
  const find = async (pacs: Drawer, query: Partial<FilmQuery> = {}) => {
    const found: string[] = [];
    const signal = new AbortController().signal;
    for await (const { instance } of findFilms(pacs, { ...ANY, ...query }, { signal })) found.push(instance);
    return found;
  };

  it('finds each once, leaves other kinds out, and takes what does not say its kind', async () => {
    const pacs = new Drawer([
      film(1, '20240101', { modality: 'CR', sopClass: CR_CLASS }),
      film(2, '20240101', { modality: 'dx' }),
      film(3, '20240101', { modality: 'CT' }),
      film(4, '20240101'), // a study that both queries find
      film(5, '20240101', { modality: 'DX', sopClass: GREY_STATE }),
      film(1, '20240101', { modality: 'CT', series: '1.1.2', instance: '1.1.2.1' }),
    ]);
    expect(await find(pacs)).to.deep.equal(['1.1.1.1', '1.4.1.1']);
  });

  it('wants the body part, where the series says one', async () => {
    const pacs = new Drawer([
      film(1, '20240101', { bodyPart: 'CHEST' }),
      film(2, '20240101', { bodyPart: 'LEG' }),
      film(3, '20240101'),
    ]);
    expect(await find(pacs, { bodyPart: 'CHEST' })).to.deep.equal(['1.1.1.1', '1.3.1.1']);
  });

  it('asks for a month at a time, days once each', async () => {
    const pacs = new Drawer([film(1, '20240131'), film(2, '20240201'), film(3, '20240306')]);
    const query = { modalities: ['CR'], from: '20240101', to: '20240305' };
    expect(await find(pacs, query)).to.deep.equal(['1.1.1.1', '1.2.1.1']);
    expect(pacs.asked).to.deep.equal([
      'CR 20240101-20240131',
      'CR 20240201-20240302', // 31 days of a leap year
      'CR 20240303-20240305',
    ]);
  });

  it('halves the days when the PACS says that it is too much', async () => {
    const days = ['20240101', '20240101', '20240102', '20240104', '20240104'];
    const pacs = new Drawer(
      days.map((date, index) => film(index + 1, date)),
      { studies: 2 },
    );
    const query = { modalities: ['CR'], from: '20240101', to: '20240104' };
    expect(await find(pacs, query)).to.have.length(5);
    expect(pacs.asked).to.deep.equal([
      'CR 20240101-20240104',
      'CR 20240101-20240102',
      'CR 20240101-20240101',
      'CR 20240102-20240102',
      'CR 20240103-20240104',
    ]);
  });

  it('says so when it cannot ask for less, instead of leaving films out', async () => {
    const pacs = new Drawer([film(1, '20240101'), film(2, '20240101')], { studies: 1 });
    const day = { modalities: ['CR'], from: '20240101', to: '20240101' };
    expect((await rejection(find(pacs, day))).message).to.include('one day');
    expect((await rejection(find(pacs, { modalities: ['CR'] }))).message).to.include('first and last day');
  });
});
