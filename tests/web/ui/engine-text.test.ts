import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FitReport, FitWarning, Law, Quantity } from '../../../web/src/core/protocol';
import {
  coefficientState,
  startsText,
  refusalFinding,
  statusFinding,
  warningCodes,
  warningFinding,
} from '../../../web/src/text/engine';

const core = new URL('../../../wasm/core/', import.meta.url);

test.skipIf(!existsSync(core))('every warning of the engine has its sentence', () => {
  const codes = new Set<string>();
  for (const name of readdirSync(core, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.cpp')) continue;
    const text = readFileSync(new URL(name, core), 'utf8');
    for (const [statement] of text.matchAll(/\bcode = [^;,]*"[a-z_]+"[^;,]*[;,]/g)) {
      for (const [, code] of statement.matchAll(/"([a-z_]+)"/g)) codes.add(code!);
    }
  }
  expect(codes.size).toBeGreaterThan(8);
  expect([...codes].filter((code) => !warningCodes.includes(code))).toEqual([]);
});

const law = { coefficients: [{ id: 'p', symbol: 'α' }] } as Law;
const quantities = [{ id: 'tokens', symbol: 'D', name: 'Training tokens' }] as Quantity[];
const warning = (code: string): FitWarning => ({
  code,
  coefficients: ['p'],
  quantities: ['tokens'],
  value: 0.25,
});

test('a sentence names what it is about, and ends', () => {
  for (const code of warningCodes) {
    const { name, text } = warningFinding(warning(code), law, quantities);
    expect(`${name} ${text}`).toMatch(/^[A-Zα-ωδ].*[^.]\.$/s);
    expect(`${name} ${text}`).not.toMatch(/undefined|NaN|tokens:|\bp\b/);
  }
  expect(warningFinding(warning('single_value'), law, quantities).name).toBe('All runs share D.');
});

test('an unknown code is still a sentence', () => {
  expect(warningFinding(warning('two_optima'), law, quantities)).toEqual({
    severity: 'warning',
    name: 'Two optima.',
    text: 'It concerns α; training tokens, measured: 0.25.',
  });
});

test('statuses are good, doubtful or bad', () => {
  const of = (status: FitReport['status'], usable: boolean) =>
    statusFinding({ status, usable }).severity;
  expect(of('converged', true)).toBe('info');
  expect(of('at_bound', true)).toBe('warning');
  expect(of('cancelled', false)).toBe('warning');
  expect(of('too_few_points', false)).toBe('error');
  expect(statusFinding({ status: 'gone_fishing' as FitReport['status'], usable: true }).name).toBe(
    'Gone fishing.',
  );
});

test('starts and states', () => {
  expect(startsText({ tried: 18, agreeing: 17 })).toBe('17 of 18 starts agree.');
  expect(startsText({ tried: 0, agreeing: 0 })).toBe('');
  const tied = { state: 'tied', tied_to: 'p' } as FitReport['coefficients'][number];
  expect(coefficientState(tied, law)).toBe('= α');
});

test('a refusal says what the warning of its name knows', () => {
  const report = { status: 'too_few_points', usable: false } as FitReport;
  const few = { ...warning('too_few_runs'), value: 6 };
  expect(refusalFinding({ ...report, warnings: [few] }, law, quantities).text).toContain(
    'at least 6',
  );
  expect(refusalFinding({ ...report, warnings: [] }, law, quantities).text).toContain('more free');
});
