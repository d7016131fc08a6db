import { beforeAll, describe, expect, it } from 'vitest';
import type { DrawEstimate } from '../../../web/src/core/estimation-protocol';
import type { Engine } from '../../../web/src/core/protocol';
import { checklist } from '../../../web/src/report/checklist';
import { fitFile, fitJson, readFitFile } from '../../../web/src/report/fit-json';
import { htmlReport } from '../../../web/src/report/html';
import type { QuotedBootstrap, ReportInput } from '../../../web/src/report/input';
import { markdownReport } from '../../../web/src/report/markdown';
import { csvTable, latexTable } from '../../../web/src/report/tables';
import { jsonLines } from '../../../web/src/data/importers/json';
import { parseTable } from '../../../web/src/data/parse-table';
import { inputOf, loadEngine, simulate } from './support';

const FLOPS = 1e24;
let engine: Engine;
let input: ReportInput;

beforeAll(async () => {
  engine = await loadEngine();
  const numbers = { E: 1.82, A: 482, B: 2085, alpha: 0.348, beta: 0.366 };
  const runs = await simulate(engine, 'additive', numbers);
  const request = {
    law: 'additive',
    objective: { id: 'log_huber', delta: 0.001 },
    tied: [['alpha', 'beta']] as [string, string][],
  };
  const plain = await inputOf(engine, request, runs);
  const { report, costModel } = plain;
  const coefficients = Object.fromEntries(report.coefficients.map(({ id, value }) => [id, value!]));
  const { optima } = await engine.optimum({
    law: 'additive',
    coefficients,
    covariance: report.covariance,
    cost_model: costModel,
    flops: [FLOPS],
    range: { flops: [1e18, 1e22] },
  });
  input = {
    ...plain,
    source: {
      name: '<b>runs</b> | of *mine*',
      provenance: ['Made up & simulated.'],
      citation: null,
    },
    leftOut: [
      { row: 3, reason: 'switched off by you' },
      { row: 9, reason: 'switched off by you' },
    ],
    read: 62,
    optimum: optima[0]!,
    link: 'https://example.org/isoloss/#fit?law=x&C=1e24',
  };
});

function bootstrapped(): QuotedBootstrap {
  const drawn = (interval: [number, number]): DrawEstimate => ({
    value: null,
    median: null,
    standard_error: 0.125,
    interval,
    missing: 0,
  });
  return {
    draws: 4000,
    seed: 7,
    cluster: null,
    audit: { rerun: false, reason: null, audited: 80, missed: 0 },
    intervals: {
      level: 0.95,
      draws: 4000,
      failed: 0,
      at_bound: 0,
      coefficients: { alpha: drawn([0.25, 0.5]) },
      implied: [],
      optima: [
        {
          flops: FLOPS,
          params: drawn([5e10, 9e10]),
          tokens: drawn([1e12, 2e12]),
          tokens_per_param: drawn([10, 40]),
          loss: drawn([1.9, 2]),
        },
      ],
    },
  };
}

describe('the report', () => {
  it('says in Markdown what was fitted, how, and what was left out', () => {
    const text = markdownReport(input);
    for (const piece of [
      '# Scaling-law fit: Additive in N and D',
      'L(N, D) = E + A / N^alpha + B / D^beta',
      'Rows 3, 9: switched off by you',
      'held equal to',
      'sandwich',
      'Best split of 10²⁴ FLOPs',
      '- [ ] Which training data?',
      '<https://example.org/isoloss/#fit?law=x&C=1e24>',
    ])
      expect(text).toContain(piece);
    // What a table is called is not mark-up.
    expect(text).toContain('\\<b\\>runs\\</b\\> \\| of \\*mine\\*');
    for (const line of text.split('\n').filter((one) => one.startsWith('| ')))
      expect(line.endsWith(' |')).toBe(true);
  });

  it('quotes bootstrap intervals where there are some, and says so', () => {
    const text = markdownReport({ ...input, bootstrap: bootstrapped() });
    expect(text).toContain('0.25–0.50');
    expect(text).toContain('50–90B');
    expect(text).toContain('4000 case-bootstrap refits (seed 7)');
    expect(text).not.toContain('sandwich');
  });

  it('is one HTML file without scripts or anything from elsewhere', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>';
    const prolog = '<?xml version="1.0" encoding="UTF-8"?>';
    const text = htmlReport({ ...input, charts: [{ title: 'Loss', svg: `${prolog}\n${svg}` }] });
    expect(text).not.toContain('<?');
    expect(text).toContain('&lt;b&gt;runs&lt;/b&gt;');
    expect(text).not.toContain('<b>runs');
    expect(text).toContain('Made up &amp; simulated.');
    expect(text).toContain(svg);
    expect(text).not.toMatch(/<script|src=|@import|url\(/);
    expect(text).toContain("default-src 'none'");
    const opened = [...text.matchAll(/<(h1|h2|h3|p|ul|li|table|tr|td|th|div|figure|pre)[ >]/g)];
    for (const tag of new Set(opened.map(([, name]) => name!))) {
      const closed = text.split(`</${tag}>`).length - 1;
      expect(closed, tag).toBe(opened.filter(([, name]) => name === tag).length);
    }
  });

  it('warns at the top of a fit that may not be relied on', async () => {
    const runs = await simulate(engine, 'additive', {
      E: 1.8,
      A: 480,
      B: 2000,
      alpha: 0.35,
      beta: 0.37,
    });
    runs.tokens!.fill(1e10);
    const doubtful = await inputOf(
      engine,
      { law: 'additive', objective: { id: 'log_huber' } },
      runs,
    );
    expect(doubtful.report.usable).toBe(false);
    expect(markdownReport(doubtful)).toContain('This fit may not be relied on.');
  });

  it('leaves to the authors what only they know', () => {
    const open = checklist(input).flatMap(({ items }) =>
      items.filter(({ answer }) => answer === null),
    );
    expect(open.map(({ question }) => question)).toContain('Which training data?');
    const filled = checklist(input).flatMap(({ items }) =>
      items.filter(({ answer }) => answer !== null),
    );
    expect(filled.length).toBeGreaterThan(10);
  });
});

describe('tables', () => {
  it('CSV reads back to the last digit', () => {
    const [header, ...lines] = csvTable(input).trim().split('\n');
    const at = header!.split(',').indexOf('value');
    for (const { id, value } of input.report.coefficients) {
      const line = lines.find((one) => one.startsWith(`${id},`))!;
      expect(Number(line.split(',')[at])).toBe(value);
    }
    expect(lines.find((one) => one.startsWith('params_opt,'))).toBeDefined();
  });

  it('LaTeX has as many cells in each line, and symbols in mathematics', () => {
    const text = latexTable(input);
    const lines = text.split('\n').filter((one) => one.endsWith('\\\\'));
    for (const line of lines) expect(line.split(' & ')).toHaveLength(4);
    expect(text).toContain('$\\alpha$');
    expect(text).toContain('$N_{\\mathrm{opt}}$');
    expect(text).not.toMatch(/[α-ω]/);
  });
});

describe('the fit as a file', () => {
  it('holds the runs in a form that the page reads', () => {
    const text = fitJson(input);
    expect(jsonLines.recognise(text)).toBe(false);
    const table = parseTable(text);
    expect(table.rows).toHaveLength(input.runs.loss!.length);
    const at = table.header.indexOf('loss');
    expect(table.rows.map((row) => Number(row[at]))).toEqual([...input.runs.loss!]);
  });

  it('says how to fit again', () => {
    const read = readFitFile(fitJson(input))!;
    expect(read.request).toMatchObject({
      law: 'additive',
      objective: { id: 'log_huber', delta: 0.001 },
      tied: [['alpha', 'beta']],
    });
    expect(read).toMatchObject({ flops: FLOPS, cost: input.costModel, draws: null, seed: null });
    const drawn = readFitFile(fitJson({ ...input, bootstrap: bootstrapped() }))!;
    expect(drawn).toMatchObject({ draws: 4000, seed: 7 });
  });

  it('carries what the command line has always written', () => {
    const { schema, coefficients, covariance } = fitFile(input);
    expect(schema).toBe('isoloss.fit/1');
    expect(coefficients.alpha!.value).toBe(
      input.report.coefficients.find(({ id }) => id === 'alpha')!.value,
    );
    expect(covariance).toEqual(input.report.covariance);
  });

  it.each([
    '',
    '{',
    'null',
    '"isoloss.fit/1"',
    '{"schema":"isoloss.fit/1"}',
    '{"schema":"isoloss.fit/1","law":7}',
    '{"schema":"isoloss.fit/2","law":"x","note":"isoloss.fit/1"}',
  ])('%s is no fit file', (text) => expect(readFitFile(text)).toBeNull());

  it('takes nothing from a spoilt file that is not what it should be', () => {
    const spoilt =
      '{"schema":"isoloss.fit/1","law":"x","request":{"objective":5,"fixed":{"a":"b","c":1},"tied":[["a"],["a","b"],7],"bounds":{"a":[1],"b":[null,2]},"weights":"heavy"},"optimum":[],"cost_model":7,"bootstrap":{"seed":"1"}}';
    expect(readFitFile(spoilt)).toEqual({
      request: {
        law: 'x',
        objective: { id: '' },
        fixed: { c: 1 },
        tied: [['a', 'b']],
        bounds: { b: [null, 2] },
      },
      flops: null,
      cost: null,
      draws: null,
      seed: null,
    });
  });
});
