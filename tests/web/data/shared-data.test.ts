/** Public runs of other people: recognised as they come, with nothing set by hand. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withFilter } from '../../../web/src/data/mapping';
import { readDataset } from '../../../web/src/data/read-dataset';
import type { Role } from '../../../web/src/data/types';
import { codesOf, readFile, rolesOf, sharedData, usableRows } from './support';

const expected: Record<
  string,
  {
    rows: number;
    usable?: number;
    roles: Partial<Record<Role, string>>;
    offers?: Record<string, string[]>;
    notes?: string[];
  }
> = {
  'chinchilla_besiroglu.csv': {
    rows: 245,
    roles: { params: 'N', tokens: 'D', flops: 'C', loss: 'loss', group: 'isoflop_budget' },
    offers: { outlier_dropped_by_authors: ['0'] },
  },
  'datablations.csv': {
    rows: 296,
    roles: { run: 'name', params: 'N', tokens: 'D', flops: 'C', loss: 'loss' },
    offers: { used_in_authors_default_fit: ['1'] },
  },
  'familial_w3.csv': {
    rows: 120,
    roles: { params: 'N', tokens: 'D', exits: 'G', loss: 'loss' },
  },
  'gadre_overtraining.csv': {
    rows: 104,
    roles: {
      run: 'name',
      group: 'train_dataset',
      params: 'N',
      tokens: 'D',
      flops: 'C',
      loss: 'loss_c4_val',
    },
    notes: ['other_columns', 'other_columns'],
  },
  'llama3_isoflop.csv': {
    rows: 133,
    roles: { params: 'N', tokens: 'D', flops: 'C', loss: 'loss' },
    offers: { qc_outlier: ['0'], qc_reason: ['none'] },
  },
  'misfitting_curves.csv': {
    rows: 4852,
    usable: 240,
    roles: { run: 'run', params: 'N', tokens: 'D', flops: 'C', loss: 'loss', step: 'step' },
    offers: { in_authors_last_ckpt_file: ['1'] },
    notes: ['other_columns', 'step_log_last'],
  },
  'porian_isoflop.csv': {
    rows: 1745,
    roles: { group: 'dataset', flops: 'C', params: 'N', tokens: 'D', loss: 'loss' },
  },
  'porian_optima.csv': {
    rows: 177,
    usable: 173,
    roles: { group: 'dataset', flops: 'C', params: 'N_star', tokens: 'D_star', loss: 'loss_star' },
    notes: ['rows_with_gaps'],
  },
  'quest_precision.csv': {
    rows: 104,
    roles: { params: 'N', tokens: 'D', loss: 'loss', group: 'precision_class' },
  },
  'routing_moe.csv': {
    rows: 223,
    roles: {
      run: 'hyper_id',
      step: 'step',
      group: 'router_type',
      params: 'N',
      loss: 'loss_validation',
    },
    offers: { used_in_authors_example_fit: ['1'] },
    notes: ['one_size', 'other_columns', 'other_columns'],
  },
  'steplaw_dense.csv': {
    rows: 1911,
    roles: { params: 'N', tokens: 'D', loss: 'loss' },
    notes: ['other_columns'],
  },
};

describe.skipIf(!existsSync(sharedData))('shared data (skipped where it is absent)', () => {
  it.each(Object.entries(expected))('%s', (name, { rows, usable, roles, offers, notes }) => {
    const result = readFile(sharedData, name);
    expect(result.table.rows).toHaveLength(rows);
    expect(usableRows(result)).toBe(usable ?? rows);
    expect(rolesOf(result)).toEqual(roles);
    const offered = result.dataset.offers.map(({ column, suggestion }) => [
      result.table.header[column]!,
      suggestion,
    ]);
    expect(Object.fromEntries(offered)).toEqual(offers ?? {});
    expect(codesOf(result)).toEqual(notes ?? []);
  });

  it('leaves the outliers of the Chinchilla readout to a click', () => {
    const { table, mapping, dataset } = readFile(sharedData, 'chinchilla_besiroglu.csv');
    expect(mapping.filters).toEqual([]);
    const [offer] = dataset.offers;
    expect(offer!.values).toEqual([
      { value: '0', rows: 240 },
      { value: '1', rows: 5 },
    ]);
    const kept = readDataset(table, withFilter(mapping, offer!.column, offer!.suggestion));
    expect(usableRows({ dataset: kept })).toBe(240);
    expect(kept.rows[0]!.problems.map(({ code }) => code)).toEqual(['filtered']);
  });
});
