import { loadEngine } from '../../../web/src/cli/load-engine';
import { crewOf, type Crew } from '../../../web/src/core/crew';
import { createEstimator } from '../../../web/src/core/estimator';
import { fittedRuns } from '../../../web/src/core/fitted';
import type { Columns } from '../../../web/src/core/protocol';

/** Hands that take turns to be slow, so that parts come back in another order for every size. */
export async function crewOfSize(size: number): Promise<Crew> {
  const engines = await Promise.all(Array.from({ length: size }, () => loadEngine()));
  let turn = 0;
  return crewOf(
    engines.map((engine) => ({
      fit: engine.fit,
      async call(...job) {
        turn += 1;
        await new Promise((resolve) => setTimeout(resolve, (turn * 5) % 7));
        return engine.call(...job);
      },
    })),
  );
}

/** Runs of an invented law, half a percent of noise, with a crew and the fit of them. */
export async function study(spoil: (columns: Columns) => void = () => {}) {
  const truth = { E: 1.7, A: 380, B: 510, alpha: 0.33, beta: 0.29 };
  const columns: Columns = {};
  const size = 42;
  const budget = (i: number) => 10 ** (18 + (i % 6) / 2);
  columns['params'] = Float64Array.from(
    { length: size },
    (_, i) => 0.1 * Math.sqrt(budget(i)) * 2 ** ((Math.floor(i / 6) - 3) / 1.5),
  );
  columns['tokens'] = columns['params'].map((N, i) => budget(i) / 6 / N);
  columns['loss'] = columns['params'].map((N, i) => {
    const { E, A, B, alpha, beta } = truth;
    const loss = E + A / N ** alpha + B / columns['tokens']![i]! ** beta;
    return loss * (1 + 0.005 * Math.sin(12.9898 * (i + 1) ** 2));
  });
  spoil(columns);
  const flops = columns['params'].map((_, i) => budget(i));
  const crew = await crewOfSize(2);
  const engine = await loadEngine();
  const { defaults } = await engine.catalog();
  const request = { law: defaults.law, objective: { id: defaults.objective } };
  const range = { params: [1e7, 1e10], tokens: [1e9, 1e12] } as Record<string, [number, number]>;
  const known = { flops };
  const fit = fittedRuns(request, columns, await crew.fit(request, columns), { known, range });
  const target = { cost_model: { id: defaults.cost_model }, flops: [1e22] };
  /** ln N_opt of these runs. */
  const best = async (columns: Columns) => {
    const { report } = await engine.fit(request, columns);
    const coefficients = Object.fromEntries(
      report.coefficients.map(({ id, value }) => [id, value!]),
    );
    const { optima } = await engine.optimum({ law: request.law, coefficients, ...target });
    return Math.log(optima[0]!.params.value!);
  };
  return { fit, target, flops, best, truth, engine, estimator: createEstimator(crew) };
}
