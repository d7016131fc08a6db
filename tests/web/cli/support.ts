import { loadEngine } from '../../../web/src/cli/load-engine';
import { run } from '../../../web/src/cli/run';
import type { Approach } from '../../../web/src/cli/approaches';
import type { GroupedFit } from '../../../web/src/cli/groups';
import { UsageError } from '../../../web/src/cli/complaints';
import type { OpenEngine } from '../../../web/src/core/engine';

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** One engine for all tests of a file: a fit leaves nothing behind in it. */
let engine: Promise<OpenEngine> | undefined;
export const sharedEngine = () => (engine ??= loadEngine());

/** Runs the tool in this process; files are what the test says they are. */
export async function isoloss(
  args: string[],
  files: Record<string, string | Uint8Array> = {},
): Promise<Outcome> {
  const written = { out: [] as string[], err: [] as string[] };
  const code = await run(args, {
    async read(path) {
      const file = files[path];
      if (file === undefined) throw new UsageError(`${path} does not exist.`);
      return typeof file === 'string' ? new TextEncoder().encode(file) : file;
    },
    out: (text) => void written.out.push(text),
    err: (text) => void written.err.push(text),
    loadEngine: sharedEngine,
  });
  return { code, out: written.out.join('\n'), err: written.err.join('\n') };
}

/** The object that a verb printed with --json; whatever else it printed fails the test. */
export async function isolossJson<T = Record<string, unknown>>(
  args: string[],
  files: Record<string, string | Uint8Array> = {},
): Promise<T> {
  const { code, out, err } = await isoloss([...args, '--json'], files);
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
  return JSON.parse(out) as T;
}

export interface Number95 {
  value: number;
  interval: [number, number] | null;
}

export interface FitJson {
  schema: string;
  law: string;
  rows: { read: number; used: number; left_out: { row: number; reason: string }[] };
  objective: { id: string; delta: number | null; value: number };
  status: string;
  usable: boolean;
  starts: { tried: number; agreeing: number };
  interval_method: string;
  bootstrap: { draws: number; seed: number; cluster: string | null } | null;
  coefficients: Record<string, Number95 & { standard_error: number | null }>;
  implied: Record<string, Number95>;
  optimum: {
    flops: number;
    params: Number95;
    tokens: Number95;
    tokens_per_param: Number95;
    loss: Number95;
  } | null;
  approaches?: Record<string, Approach>;
  groups?: GroupedFit;
  warnings: { code: string; coefficients: string[]; quantities: string[]; value: number | null }[];
}

export interface Run {
  N: number;
  D: number;
  loss: number;
}

/** Runs without noise, of invented coefficients: four budgets, seven sizes each. */
export const truth = { E: 1.7, A: 380, B: 510, alpha: 0.33, beta: 0.29 };
export function inventedRuns(): Run[] {
  const { E, A, B, alpha, beta } = truth;
  return [1e18, 1e19, 1e20, 1e21].flatMap((C) =>
    [-3, -2, -1, 0, 1, 2, 3].map((step) => {
      const N = Math.round(0.1 * Math.sqrt(C) * 2 ** (step / 1.5));
      const D = Math.round(C / (6 * N));
      return { N, D, loss: E + A / N ** alpha + B / D ** beta };
    }),
  );
}

export function csvOf(runs: readonly object[]): string {
  return [Object.keys(runs[0]!), ...runs.map((row) => Object.values(row))]
    .map((row) => row.join(','))
    .join('\n');
}
