import { useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import * as t from '../text/page';
import { useApp } from './context';

/** Panels of the Fit room, in the order of their tabs; '' is the one that is open at first. */
export const PANELS = Object.keys(t.fit.panelNames) as PanelId[];
export type PanelId = keyof typeof t.fit.panelNames;

export function openPanel(kept: string): PanelId {
  return PANELS.find((id) => id === kept) ?? '';
}

/** The tabs, and what the open one shows. Arrows move between tabs, Enter opens. */
export function PanelStrip({ children }: { children: ComponentChildren }) {
  const app = useApp();
  const open = openPanel(app.settings.value.panel);
  /** The tab that Tab reaches. */
  const [reached, setReached] = useState<PanelId>(open);
  const list = useRef<HTMLDivElement>(null);
  const move = (to: number) => {
    const id = PANELS[(to + PANELS.length) % PANELS.length]!;
    setReached(id);
    list.current?.querySelector<HTMLElement>(`#${tabId(id)}`)?.focus();
  };
  return (
    <section class="panels" aria-label={t.fit.panels}>
      <div class="strip" role="tablist" aria-label={t.fit.panels} ref={list}>
        {PANELS.map((id, i) => (
          <button
            key={id}
            id={tabId(id)}
            class="tab"
            role="tab"
            aria-selected={id === open}
            aria-controls="panel"
            tabIndex={id === reached ? 0 : -1}
            onFocus={() => setReached(id)}
            onClick={() => app.set({ panel: id })}
            onKeyDown={(event) => {
              const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1 }[event.key];
              if (to === undefined) return;
              event.preventDefault();
              move(to);
            }}
          >
            {t.fit.panelNames[id]}
          </button>
        ))}
      </div>
      <div class="panel" id="panel" role="tabpanel" aria-labelledby={tabId(open)}>
        {children}
      </div>
    </section>
  );
}

const tabId = (id: PanelId) => `tab-${id || 'charts'}`;
