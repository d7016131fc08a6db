import { useMemo } from 'preact/hooks';
import { allocationChart, budgetsFor, type Allocation } from '../../model/panels/allocation';
import * as t from '../../text/panels';
import { useApp } from '../context';
import { asked, usePresetOptima } from './asked';

/** The three approaches and the published laws at the chosen budget, which comes first, and along compute. */
export function useAllocation(tolerance?: number) {
  const app = useApp();
  const fit = app.fit.state.value.value!;
  const catalog = app.catalog.value!;
  const chosen = fit.law.has_optimum ? app.flops.value : null;
  const range = fit.range.flops;
  const budgets = useMemo(
    () => (chosen === null ? null : [chosen, ...budgetsFor(range, chosen)]),
    [chosen, range?.[0], range?.[1]],
  );
  const joint = asked(app, 'frontier', budgets && { flops: budgets });
  const envelope = asked(app, 'approach1', budgets && { flops: budgets });
  const isoflop = asked(
    app,
    'approach2',
    budgets && { flops: budgets, ...(tolerance !== undefined && { tolerance }) },
  );
  const published = usePresetOptima(budgets);
  const allocations = useMemo((): Allocation[] => {
    const names = t.approaches.names;
    const sorted = <T extends { flops: number }>(optima: readonly (T | null)[] | undefined) =>
      (optima ?? []).filter((one) => one !== null).sort((a, b) => a.flops - b.flops);
    return [
      { name: names[1], own: true, place: 0, optima: sorted(envelope.value?.report.optima) },
      { name: names[2], own: true, place: 1, optima: sorted(isoflop.value?.optima) },
      { name: names[3], own: true, place: 2, optima: sorted(joint.value?.report.optima) },
      ...fit.law.presets.map(({ id, name }, place) => ({
        name,
        own: false,
        place,
        optima: sorted(published.value?.get(id)),
      })),
    ];
  }, [envelope.value, isoflop.value, joint.value, published.value, fit.law]);
  const chart = useMemo(
    () => (chosen === null ? null : allocationChart(catalog, allocations, chosen)),
    [catalog, allocations, chosen],
  );
  return { chosen, joint, envelope, isoflop, published, chart };
}
