import * as t from '../../text/panels';
import { useApp } from '../context';

/** Leaves a run out of the fit, or puts it back: the same button undoes it. */
export function SwitchRun({ index, name }: { index: number; name: string }) {
  const app = useApp();
  const row = app.rows.value.find((candidate) => candidate.index === index);
  if (!row?.readable) return null;
  const used = row.leftOut === null;
  const text = used ? t.common.leaveOut : t.common.putBack;
  return (
    <button
      class="quiet"
      aria-pressed={!used}
      aria-label={`${text}: ${name}`}
      onClick={() => app.toggleRow(index)}
    >
      {text}
    </button>
  );
}
