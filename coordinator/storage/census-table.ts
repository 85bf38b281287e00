import { EntitySchema } from 'typeorm';
import type { Census } from '@fedoxnet/shared/study/census';

export interface CensusRow {
  study: string;
  site: string;
  census: Census;
  receivedAt: Date;
}

export const censusTable = new EntitySchema<CensusRow>({
  name: 'site_census',
  columns: {
    study: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_site_census' },
    site: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_site_census' },
    census: { type: 'jsonb' },
    receivedAt: { type: 'timestamptz' },
  },
  foreignKeys: [
    {
      name: 'fk_site_census_study',
      target: 'study',
      columnNames: ['study'],
      referencedColumnNames: ['name'],
    },
    { name: 'fk_site_census_site', target: 'site', columnNames: ['site'], referencedColumnNames: ['name'] },
  ],
});
