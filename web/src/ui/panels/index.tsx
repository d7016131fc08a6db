/** The Fit room's panels and its verdict: one part of the page, loaded when it is first wanted. */
import type { ComponentType } from 'preact';
import '../../../styles/panels.css';
import * as t from '../../text/panels';
import { Notice } from '../bits';
import { useApp } from '../context';
import type { PanelId } from '../panel-strip';
import { ApproachesPanel } from './approaches';
import { LawsPanel } from './laws';
import { ObjectivesPanel } from './objectives';
import { OutliersPanel } from './outliers';
import { SelfTestPanel } from './self-test';
import { SurePanel } from './sure';
import { TakePanel } from './take';

export { Verdict } from './verdict';

const PANELS: Record<Exclude<PanelId, ''>, ComponentType> = {
  sure: SurePanel,
  approaches: ApproachesPanel,
  objectives: ObjectivesPanel,
  laws: LawsPanel,
  outliers: OutliersPanel,
  test: SelfTestPanel,
  take: TakePanel,
};

/** Panels that have something to say where there is no fit. */
const ALWAYS = new Set<PanelId>(['test']);

export function Panel({ id }: { id: PanelId }) {
  const app = useApp();
  if (id === '') return null;
  const { value: fit, pending } = app.fit.state.value;
  if (!ALWAYS.has(id) && !fit?.report.usable) {
    return pending || !fit ? (
      <p class="muted panel-waiting is-pending">{t.common.working}</p>
    ) : (
      <Notice severity="info">{t.common.unusable}</Notice>
    );
  }
  const Open = PANELS[id];
  return <Open key={id} />;
}
