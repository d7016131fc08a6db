/** One law for several groups of runs: exponents shared, floor and scales of each group's own. */
import type { FitWarning, Law } from '../core/protocol';
import { formatEstimate, formatNumber } from '../format';
import { groupsOf } from '../state/labels';
import type { Context } from './context';
import type { Option, Options } from './options';
import { alignColumns } from './print';
import { labels, type Study } from './study';

export const groupOptions: Record<string, Option> = {
  group: {
    value: 'COL',
    help: 'also one fit of all groups of this column: exponents shared, the rest of each its own',
  },
};

export interface GroupedFit {
  status: string;
  usable: boolean;
  shared: Record<string, { value: number | null; standard_error: number | null }>;
  groups: Record<
    string,
    {
      rows: number;
      /** With the exponents shared. */
      coefficients: Record<string, number | null>;
      /** Fitted by itself. */
      separate: Record<string, number | null>;
    }
  >;
  /** Of both ways; the smaller one describes the runs better for what it costs. */
  aicc: { shared: number | null; separate: number | null };
  warnings: FitWarning[];
}

export async function fitGroups(
  context: Context,
  options: Options,
  study: Study,
): Promise<GroupedFit | null> {
  const name = options.text('group');
  if (name === undefined) return null;
  const { numbers, names } = groupsOf(labels(context, study, name, '--group'));
  const { report, separate } = await context.estimator.groups(study.fit, numbers);
  const { status, usable, shared, groups, aicc, warnings } = report;
  return {
    status,
    usable,
    shared: Object.fromEntries(shared.map(({ id, ...estimate }) => [id, estimate])),
    groups: Object.fromEntries(
      groups.map(({ rows, coefficients }, group) => {
        const alone = separate.find((one) => one.group === group)?.report.coefficients ?? [];
        return [
          names[group]!,
          {
            rows,
            coefficients,
            separate: Object.fromEntries(alone.map(({ id, value }) => [id, value])),
          },
        ];
      }),
    ),
    aicc,
    warnings,
  };
}

export function describeGroups(law: Law, { shared, groups, aicc }: GroupedFit): string[] {
  const own = law.coefficients.map(({ id }) => id).filter((id) => !(id in shared));
  const exponents = Object.entries(shared).map(
    ([id, { value, standard_error }]) => `${id} = ${formatEstimate(value, standard_error)}`,
  );
  const rows = Object.entries(groups).map(([name, group]) => [
    name,
    String(group.rows),
    ...own.map((id) => formatNumber(group.coefficients[id])),
  ]);
  const better =
    aicc.shared === null || aicc.separate === null
      ? []
      : [
          `AICc ${formatNumber(aicc.shared, 5)} with shared exponents, ${formatNumber(aicc.separate, 5)} with separate fits.`,
        ];
  return [
    `Shared by all groups: ${exponents.join(', ')}.`,
    alignColumns([['Group', 'Runs', ...own], ...rows]),
    ...better,
  ];
}
