import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_SETTINGS,
  keep,
  markOf,
  readOwnRuns,
  readSettings,
  recall,
  writeOwnRuns,
  type Settings,
  type Shelf,
} from '../../../web/src/state/saved';

const settings: Settings = {
  ...DEFAULT_SETTINGS,
  source: '',
  law: 'a',
  delta: 0.01,
  fixed: { E: 1.8 },
  tied: [['x', 'y']],
  budget: '1e24',
  cost: { id: 'six', settings: { k: 6 } },
  at: { exits: 4 },
  weights: 'sqrt_flops',
  bounds: { E: [1, null], A: [null, 500] },
  penalty: 4,
  seed: 7,
  draws: 1000,
  cluster: 'params',
  group: 'optimizer',
  theme: 'dark',
  textMark: '3.abc',
  edits: {
    '': {
      mapping: {
        columns: [
          {
            role: 'loss',
            unit: 'nats',
            ratio: null,
            decimal: ',',
            convention: 'total',
            reason: 'chosen_by_you',
          },
          {
            role: 'params',
            unit: 'count',
            ratio: null,
            decimal: '.',
            convention: 'active',
            reason: 'name_matches',
            evidence: 'N',
            scale: 1e9,
            undecided: true,
          },
        ],
        filters: [{ column: 1, values: ['0'] }],
        perRun: 'last',
      },
      off: [3, 5],
    },
  },
};

describe('settings', () => {
  test('survive being stored', () => {
    expect(readSettings(JSON.stringify(settings))).toEqual(settings);
  });

  test('any stored text gives settings', () => {
    expect(readSettings(null)).toEqual(DEFAULT_SETTINGS);
    expect(readSettings('not json')).toEqual(DEFAULT_SETTINGS);
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(Object.keys(readSettings(text)).sort()).toEqual(
          Object.keys(DEFAULT_SETTINGS).sort(),
        );
      }),
    );
  });

  test('those of a time that knew less still open', () => {
    const { weights, bounds, penalty, seed, draws, cluster, group, ...older } = settings;
    expect(readSettings(JSON.stringify(older))).toEqual({
      ...DEFAULT_SETTINGS,
      ...older,
    });
    expect([weights, bounds, penalty, seed, draws, cluster, group]).not.toContain(undefined);
  });

  test('what is no setting any more is passed over', () => {
    expect(readSettings(JSON.stringify({ ...settings, groups: 'shared' }))).toEqual(settings);
  });

  test('numbers that make no sense take their defaults', () => {
    const read = (change: object) => readSettings(JSON.stringify({ ...settings, ...change }));
    expect(read({ seed: -1 }).seed).toBe(1);
    expect(read({ draws: 0.5 }).draws).toBe(4000);
    expect(read({ draws: 1e9 }).draws).toBe(4000);
    expect(read({ weights: 'heavy' }).weights).toBeNull();
    expect(read({ bounds: { E: [1], A: 'x', B: ['a', 2] } }).bounds).toEqual({
      E: [1, null],
      B: [null, 2],
    });
  });

  test('one broken entry does not take the others along', () => {
    const broken = {
      ...settings,
      fixed: { E: 'x', A: 2 },
      theme: 'pink',
      edits: { '': { mapping: 7 } },
    };
    const read = readSettings(JSON.stringify(broken));
    expect(read.fixed).toEqual({ A: 2 });
    expect(read.theme).toBe('system');
    expect(read.edits).toEqual({ '': { mapping: null, off: [] } });
    expect(read.law).toBe('a');
  });
});

describe('runs', () => {
  test('survive with their name, whatever they contain', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, text) => {
        const read = readOwnRuns(writeOwnRuns({ name, text }));
        expect(read).toEqual({ name: name.replace(/\n/g, ' '), text });
      }),
    );
    expect(readOwnRuns(null)).toBeNull();
    expect(readOwnRuns('no line break')).toBeNull();
  });

  test('marks tell texts apart', () => {
    expect(markOf('N,D\n1,2')).not.toBe(markOf('N,D\n2,1'));
  });
});

describe('the shelf', () => {
  const throwing = (error: Error): Shelf => ({
    getItem: () => {
      throw error;
    },
    setItem: () => {
      throw error;
    },
    removeItem: () => {},
  });

  test('a full one is told from a denied one, and neither throws', () => {
    const full = throwing(new DOMException('exceeded', 'QuotaExceededError'));
    expect(keep(full, 'key', 'x')).toBe('too_large');
    expect(keep(throwing(new Error('no')), 'key', 'x')).toBe('denied');
    expect(keep(null, 'key', 'x')).toBe('denied');
    expect(recall(full, 'key')).toBeNull();
    expect(recall(null, 'key')).toBeNull();
  });
});
