import { expect, it } from 'vitest';
import { read } from './support';

/** Invented runs, ten columns. */
function csv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const N = 1e7 * 1.01 ** (row % 300);
    const D = 1e9 * (1 + (row % 17));
    const loss = 1.7 + 400 / N ** 0.34 + 410 / D ** 0.28;
    return `run-${row},${N},${D},${6 * N * D},${loss},${row % 7 ? 0 : 1},adamw,0.00${row % 9},512,note ${row}`;
  });
  return ['name,N,D,C,val_loss,outlier,optimizer,lr,bs,notes', ...lines].join('\n');
}

function time(text: string): number {
  const start = performance.now();
  expect(read(text).dataset.rows.length).toBeGreaterThan(0);
  return performance.now() - start;
}

// Bounds are several times what an idle machine takes (20 ms, 300 ms), so that a busy one passes.
it('5,000 runs are read while nobody notices', () => {
  const text = csv(5000);
  const best = Math.min(...Array.from({ length: 20 }, () => time(text)));
  expect(best).toBeLessThan(50);
});

it('60,000 rows do not hang the page', () => {
  expect(time(csv(60_000))).toBeLessThan(2000);
});

it('nor do megabytes that are no table', () => {
  expect(time('{"a":"' + '\\"'.repeat(500_000) + '"}')).toBeLessThan(2000);
  expect(time(`N,loss\n1e8,3\n${'"'.repeat(500_001)},2`)).toBeLessThan(2000);
  expect(time(`N,loss\n1e8,3\n${'1,'.repeat(500_000)}`)).toBeLessThan(3000);
  expect(time(`<table><tr><td>${'<'.repeat(300_000)}1</td></tr></table>`)).toBeLessThan(3000);
  expect(time(`a & b \\\\\n${'{'.repeat(200_000)} & 1 \\\\`)).toBeLessThan(3000);
  expect(time(`${' '.repeat(300_000)}x\n1`)).toBeLessThan(3000);
});
