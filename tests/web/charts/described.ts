import type { ChartDescription } from '../../../web/src/charts/panel';

/** Two estimates under each other, one with an interval five times as wide, and one without. */
export const forest: ChartDescription = {
  id: 'forest',
  title: 'How do they compare?',
  panels: [
    {
      x: { quantity: 'alpha', name: 'Exponent', symbol: 'α', scale: 'linear', kind: 'number' },
      y: {
        quantity: 'source',
        name: '',
        scale: 'category',
        categories: ['These runs', 'Others 2022', 'Nobody'],
      },
      layers: [
        {
          kind: 'intervals',
          name: 'Estimate',
          along: 'x',
          x: [0.35, 0.34, 0.36],
          y: [0, 1, 2],
          lower: [0.3, 0.33, NaN],
          upper: [0.4, 0.35, NaN],
          role: 'ink',
        },
      ],
    },
  ],
};
