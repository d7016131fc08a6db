import type { AuditReport, IntervalsReport, OutliersReport } from '../core/estimation-protocol';
import type {
  Catalog,
  Citation,
  Columns,
  CostChoice,
  DataRange,
  FitReport,
  FitRequest,
  Law,
  Optimum,
} from '../core/protocol';

/** A bootstrap as it is quoted: what came out, and what it takes to repeat it. */
export interface QuotedBootstrap {
  intervals: IntervalsReport;
  audit: AuditReport;
  draws: number;
  seed: number;
  /** Column by which runs were drawn together; null = run by run. */
  cluster: string | null;
}

/** One line of "which law": what model comparison says. */
export interface ComparedLaw {
  name: string;
  weight: number | null;
  aicc: number | null;
  /** Mean |ln L̂ − ln L| over the held-out runs. */
  heldOut: number | null;
}

/** An answer of approach 1, 2 or 3 at the budget. */
export interface ApproachLine {
  name: string;
  exponent: number | null;
  exponentInterval: [number, number] | null;
  params: number | null;
  paramsInterval: [number, number] | null;
  tokens: number | null;
}

/** All that a report is made from; what is null was not computed and is not spoken of. */
export interface ReportInput {
  catalog: Catalog;
  law: Law;
  source: { name: string; provenance: string[]; citation: Citation | null };
  /** Rows of the table, and why some are not in the fit. */
  read: number;
  leftOut: { row: number; reason: string }[];
  /** The runs in the fit, base units, one entry each: the law's variables, loss, and weight if there is one. */
  runs: Columns;
  /** Names of these runs; empty where the table has none. */
  names: string[];
  /** Counted how: "total", "non-embedding" or "active" parameters; null = not said. */
  paramsConvention: string | null;
  request: FitRequest;
  report: FitReport;
  range: DataRange;
  costModel: CostChoice;
  optimum: Optimum | null;
  bootstrap: QuotedBootstrap | null;
  outliers: OutliersReport | null;
  compared: ComparedLaw[] | null;
  approaches: ApproachLine[] | null;
  /** Charts to print, as SVG. */
  charts: { title: string; svg: string }[];
  /** Where this state can be opened again; null on the command line. */
  link: string | null;
}
