/** What a chart's menu offers: files, the table, the large view. Fetched when one of them is asked for. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { chartText } from '../text/charts';
import { Key, Plots, useTheme, type ChartCardProps } from './card';
import type { Subject } from './context';
import { chartCsv, fileName, tableTwin } from './export';
import { chartPicture } from './picture';
import type { ChartView } from './scene';
import { chartSvg } from './svg';
import type { Theme } from './theme';

export function savePng(view: ChartView, subject: Subject, theme: Theme, caption: string): void {
  chartPicture(view, subject, theme, caption).toBlob(
    (blob) => blob && save(blob, fileName(view, 'png')),
  );
}

export function saveSvg(view: ChartView, subject: Subject, theme: Theme, caption: string): void {
  const type = 'image/svg+xml;charset=utf-8';
  save(new Blob([chartSvg(view, subject, theme, caption)], { type }), fileName(view, 'svg'));
}

export function saveCsv(view: ChartView, subject: Subject): void {
  const type = 'text/csv;charset=utf-8';
  save(new Blob([chartCsv(view, subject)], { type }), fileName(view, 'csv'));
}

function save(blob: Blob, name: string) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

type OpenedProps = Omit<ChartCardProps, 'theme'> & { what: 'table' | 'large'; close: () => void };

/** A dialog with the chart as a table, or large. */
export function Opened({ what, view, subject, handlers, say, close }: OpenedProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} class="chart-dialog" aria-label={view.title} onClose={close}>
      <div class="chart-head">
        <h3 class="chart-title">{view.title}</h3>
        <button type="button" class="chart-close" onClick={() => dialog.current!.close()}>
          {chartText.close}
        </button>
      </div>
      {what === 'table' ? (
        <Table view={view} subject={subject} />
      ) : (
        <Large {...{ view, subject, handlers, say }} />
      )}
    </dialog>
  );
}

/** The panels again, with the larger type of the dialog. */
function Large(props: Omit<ChartCardProps, 'theme'>) {
  const root = useRef<HTMLDivElement>(null);
  const theme = useTheme(root);
  return (
    <div ref={root} class="chart-large">
      {theme && <Key subject={props.subject} theme={theme} />}
      {theme && <Plots {...props} theme={theme} />}
    </div>
  );
}

function Table({ view, subject }: { view: ChartView; subject: Subject }) {
  const { header, rows } = useMemo(() => tableTwin(view, subject), [view, subject]);
  return (
    // What scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div class="chart-table" tabIndex={0} role="region" aria-label={view.title}>
      <table>
        <thead>
          <tr>
            {header.map((title, column) => (
              <th key={column} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...values], i) => (
            <tr key={i}>
              <th scope="row">{name}</th>
              {values.map((value, column) => (
                <td key={column}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
