// How a unit of work is timed, under Node and in the browser alike. Knows the engine's calls, no files and no page.

/**
 * @typedef {import('./items.mjs').Item} Item
 * @typedef {Record<string, Float64Array>} Columns
 * @typedef {import('../../web/src/core/protocol').EngineModule} EngineModule
 * @typedef {{ min: number, median: number, samples: number, memory?: number, objective?: number } | { missing: string }} Timing in ms; memory in bytes; objective: what a fit found
 */

/** @param {number[]} values */
const sorted = (values) => [...values].sort((a, b) => a - b);

/** @param {number[]} samples @returns {{ min: number, median: number, samples: number }} */
export function summary(samples) {
  const order = sorted(samples);
  return {
    min: order[0] ?? NaN,
    median: order[Math.floor(order.length / 2)] ?? NaN,
    samples: order.length,
  };
}

/** ms; what takes this long is run once: the code is long warm before it ends. */
const longRun = 4000;

/**
 * Times a function: warm-up first (engines compile hot code anew while it runs), then samples for about a second, at
 * least `least` and each long enough for a coarse clock.
 *
 * @param {() => void} unit
 * @param {{ warm?: number, total?: number, least?: number, clock?: () => number }} [options] ms; clock: of the samples
 */
export function time(
  unit,
  { warm = 300, total = 1000, least = 5, clock = () => performance.now() } = {},
) {
  const begin = performance.now();
  const first = clock();
  let runs = 0;
  while (runs < 2 || (performance.now() - begin < warm && runs < 1000)) {
    unit();
    runs++;
    const elapsed = performance.now() - begin;
    if (runs === 1 && elapsed > longRun) return summary([clock() - first]);
    if (elapsed > total) break;
  }
  const once = (performance.now() - begin) / runs;
  const batch = Math.max(1, Math.ceil(10 / once));
  const samples = [];
  const start = performance.now();
  while (samples.length < least || performance.now() - start < total) {
    const from = clock();
    for (let i = 0; i < batch; i++) unit();
    samples.push((clock() - from) / batch);
  }
  return summary(samples);
}

/** An operation that the engine does not answer. */
class Missing extends Error {}

/** @param {{ ok: boolean, result?: unknown, error?: { message: string }, columns: Columns }} answer @param {string} what */
function resultOf(answer, what) {
  if (!answer.ok) throw new Missing(`${what}: ${answer.error?.message}`);
  return /** @type {any} */ (answer.result);
}

/** @param {EngineModule} engine @param {object} request @param {Columns} columns */
export function fit(engine, request, columns) {
  resultOf(/** @type {any} */ (engine.fitStart(request, columns)), 'fit');
  while (resultOf(/** @type {any} */ (engine.fitStep()), 'fit').fraction < 1);
  return resultOf(/** @type {any} */ (engine.fitResult()), 'fit');
}

/**
 * The unit of work of an item.
 *
 * @param {EngineModule} engine
 * @param {Item} item
 * @param {Columns} columns
 * @param {[number, number]} [range] of draws, instead of all
 * @returns {() => void}
 */
export function unitOf(engine, item, columns, range) {
  const { calls } = item;
  if (!calls) return () => void fit(engine, item.fit, columns);
  const report = fit(engine, item.fit, columns);
  const coefficients = Object.fromEntries(
    report.coefficients.map((/** @type {{ id: string, value: number }} */ c) => [c.id, c.value]),
  );
  const requests = calls.map(({ operation, ...fields }) => ({
    operation: /** @type {any} */ (operation),
    request: {
      ...item.fit,
      coefficients,
      ...fields,
      ...(range && { from: range[0], to: range[1] }),
    },
  }));
  return () => {
    for (const { operation, request } of requests) {
      resultOf(/** @type {any} */ (engine.call(operation, request, columns)), operation);
    }
  };
}

/**
 * @param {EngineModule} engine
 * @param {Item} item
 * @param {Columns} columns
 * @param {() => number} [clock]
 * @returns {Timing}
 */
export function measure(engine, item, columns, clock = () => performance.now()) {
  try {
    const unit = unitOf(engine, item, columns);
    const timing = item.curve
      ? time(unit, { warm: 0, total: 300, least: 1, clock })
      : time(unit, { clock });
    return item.recipe === 'fit'
      ? { ...timing, objective: fit(engine, item.fit, columns).objective.value }
      : timing;
  } catch (error) {
    if (error instanceof Missing) return { missing: error.message };
    throw error;
  }
}

/**
 * ns per run of one evaluation of value, gradient and Hessian.
 *
 * @param {(rows: number, evaluations: number) => number} evaluate
 * @param {() => number} [clock]
 */
export function measureKernel(evaluate, clock = () => performance.now()) {
  const rows = 240;
  const evaluations = 2000;
  const { min, median, samples } = time(() => void evaluate(rows, evaluations), { clock });
  const scale = 1e6 / (rows * evaluations);
  return { min: min * scale, median: median * scale, samples };
}
