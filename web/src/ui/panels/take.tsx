import { useSignal } from '@preact/signals';
import type { ChartDescription } from '../../charts/panel';
import { reportInput } from '../../model/panels/report-input';
import type { ReportInput } from '../../report/input';
import { csvTable, latexTable } from '../../report/tables';
import { fitJson } from '../../report/fit-json';
import { htmlReport } from '../../report/html';
import { markdownReport } from '../../report/markdown';
import { pythonSnippet } from '../../report/snippet';
import type { App } from '../../state/app';
import { OWN } from '../../state/runs';
import { encodeAddress } from '../../state/url';
import { leftOutText, source } from '../../text/page';
import * as t from '../../text/panels';
import { WideTable } from '../bits';
import { useApp } from '../context';
import { useAllocation } from './allocation';
import { asked } from './asked';

/** A file to take away: what makes it, and what it is called. */
interface File {
  id: keyof typeof t.take.files;
  ending: string;
  type: string;
  make: (input: ReportInput) => string | null;
  /** The file holds charts. */
  charts?: true;
}

const FILES: File[] = [
  { id: 'markdown', ending: 'md', type: 'text/markdown', make: markdownReport },
  { id: 'html', ending: 'html', type: 'text/html', make: htmlReport, charts: true },
  { id: 'latex', ending: 'tex', type: 'application/x-tex', make: latexTable },
  { id: 'csv', ending: 'csv', type: 'text/csv', make: csvTable },
  { id: 'json', ending: 'json', type: 'application/json', make: fitJson },
  { id: 'python', ending: 'py', type: 'text/x-python', make: pythonSnippet },
];

/** The fit as files. */
export function TakePanel() {
  const app = useApp();
  const said = useSignal('');
  const { input, waiting, allocation } = useReport(app);
  /** As it stands when it is asked for; the charts come then. */
  const written = async ({ make, charts }: File) => {
    if (!charts) return make(input) ?? '';
    const { reportCharts } = await import('./report-charts');
    return (
      make({ ...input, charts: await reportCharts(app, allocation ? [allocation] : []) }) ?? ''
    );
  };
  const doing = async (use: () => Promise<string>) => {
    try {
      said.value = await use();
    } catch {
      said.value = t.take.failed;
    }
  };
  const programless = input.report.coefficients.some(({ state }) => state === 'undetermined');
  return (
    <>
      <p class="prose">{t.take.intro}</p>
      <WideTable label={t.take.heading}>
        <table class="numbers files">
          <thead>
            <tr>
              <th scope="col" class="text">
                {t.take.file}
              </th>
              <th scope="col" class="text">
                {t.take.what}
              </th>
              <th scope="col">
                <span class="hidden">{t.take.save}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {FILES.map((file) => {
              const { id, ending, type } = file;
              const { name, what } = t.take.files[id];
              const none = id === 'python' && programless;
              return (
                <tr key={id}>
                  <th scope="row" class="text">
                    {name}
                  </th>
                  <td class="text">{none ? t.take.noProgram : what}</td>
                  <td>
                    {!none && (
                      <>
                        <button
                          class="quiet"
                          aria-label={`${t.take.copy}: ${name}`}
                          onClick={() => doing(async () => copied(await written(file)))}
                        >
                          {t.take.copy}
                        </button>{' '}
                        <button
                          class="quiet"
                          aria-label={`${t.take.save}: ${name}`}
                          onClick={() =>
                            doing(async () => {
                              save(await written(file), type, `isoloss-fit.${ending}`);
                              return '';
                            })
                          }
                        >
                          {t.take.save}
                        </button>
                      </>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </WideTable>
      <p class={`muted small ${waiting ? 'is-pending' : ''}`}>
        {waiting ? t.take.waiting : t.take.complete} {t.take.charts}
      </p>
      <p role="status" class="small">
        {said}
      </p>
    </>
  );
}

function useReport(app: App): {
  input: ReportInput;
  waiting: boolean;
  allocation: ChartDescription | null;
} {
  const fit = app.fit.state.value.value!;
  const catalog = app.catalog.value!;
  const estimation = app.estimation.value;
  const bootstrap = estimation?.bootstrap.state.value;
  const outliers = estimation?.outliers.state.value;
  const comparison = asked(app, 'compare', {});
  const { envelope, isoflop, joint, published, chart } = useAllocation();
  const example = app.example.value;
  const ours = app.source.value === OWN;
  const say = app.problemText.value;
  const waiting = [bootstrap, outliers, comparison, envelope, isoflop, joint, published].some(
    (state) => state?.pending ?? true,
  );
  const input = reportInput({
    catalog,
    fit,
    source: {
      name: ours ? app.own.value?.name || source.own : (example?.name ?? ''),
      provenance: example?.provenance ?? [],
      citation: example?.citation ?? null,
    },
    mapping: app.mapping.value,
    read: app.table.value?.rows.length ?? app.rows.value.length,
    leftOut: app.rows.value.flatMap(({ index, leftOut }) =>
      leftOut ? [{ row: index, reason: leftOutText(leftOut, catalog.quantities, say) }] : [],
    ),
    cost: app.cost.value!,
    optimum: app.plan.value.value?.optimum ?? null,
    bootstrap: bootstrap?.value ?? null,
    cluster: app.settings.value.cluster,
    outliers: outliers?.value?.report ?? null,
    comparison: comparison.value,
    approach1: envelope.value?.report ?? null,
    approach2: isoflop.value,
    // One's own runs are on this machine alone, so an address cannot open them.
    link: ours ? null : new URL(encodeAddress(app.address.value), document.baseURI).href,
  });
  return { input, waiting, allocation: chart };
}

async function copied(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return t.take.copied;
  } catch {
    return t.take.notCopied;
  }
}

function save(text: string, type: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
