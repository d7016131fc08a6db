import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { App } from '../state/app';
import type { Theme } from '../state/saved';
import { encodeAddress, ROOMS, type Room } from '../state/url';
import * as t from '../text/page';
import { Select } from './bits';
import { AppContext, useApp } from './context';
import { FitRoom } from './fit-room';
import { later } from './later';
import { SourceBar } from './source-bar';
import { LiveStatus, roomState, Summary } from './summary';

/** The whole page: rail, work, answer. */
export function Page({ app }: { app: App }) {
  return (
    <AppContext.Provider value={app}>
      <Frame />
    </AppContext.Provider>
  );
}

const DataRoom = later(
  () => import('./data-room').then((module) => module.DataRoom),
  <h1 id="room-heading">{t.rooms.data}</h1>,
);

const PlanRoom = later(
  () => import('./plan-room').then((module) => module.PlanRoom),
  <h1 id="room-heading">{t.rooms.plan}</h1>,
);

const WORK: Record<Room, ComponentType> = {
  data: DataRoom,
  fit: FitRoom,
  plan: PlanRoom,
};

function Frame() {
  const app = useApp();
  const main = useRef<HTMLElement>(null);
  const room = app.room.value;
  const Work = WORK[room];
  const arrived = useRef(false);
  useEffect(() => {
    // A new room starts at its top, and is announced by its heading.
    if (arrived.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    arrived.current = true;
  }, [room]);
  return (
    <>
      <button class="skip" onClick={() => main.current?.focus()}>
        {t.page.skip}
      </button>
      <div class="frame">
        <Rail />
        <main ref={main} tabIndex={-1} aria-labelledby="room-heading">
          <SourceBar />
          <Work />
        </main>
        <aside class="summary" aria-label={t.page.answerAndLaw}>
          <Summary />
        </aside>
      </div>
      <LiveStatus />
    </>
  );
}

function Rail() {
  const app = useApp();
  return (
    <nav class="rail" aria-label={t.page.rooms}>
      <span class="wordmark">
        <Mark />
        <span>{t.page.title}</span>
      </span>
      {ROOMS.map((room) => {
        const state = roomState(app, room);
        return (
          <a
            key={room}
            class="room-link"
            href={encodeAddress({ ...app.address.value, room })}
            aria-current={app.room.value === room ? 'page' : undefined}
          >
            <span class={`dot dot-${state.kind}`} aria-hidden="true" />
            {t.rooms[room]}
            <span class="hidden">{state.text}</span>
          </a>
        );
      })}
      <Sheet />
      <ThemeChoice />
    </nav>
  );
}

/** Three contours of equal loss. */
function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" class="mark">
      <path d="M3 3v18h18" />
      <path d="M7 3c0 9 5 14 14 14M12 3c0 6 3 9 9 9M17 3c0 3 1 4 4 4" />
    </svg>
  );
}

/** On narrow screens the right-hand column opens over the work. */
function Sheet() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (open) dialog.current?.showModal();
  }, [open]);
  return (
    <>
      <button class="room-link sheet-button" onClick={() => setOpen(true)}>
        {t.page.answer}
      </button>
      <dialog
        ref={dialog}
        class="sheet"
        aria-label={t.page.answerAndLaw}
        onClose={() => setOpen(false)}
        {...{ closedby: 'any' }}
      >
        {open && (
          <div class="sheet-body">
            <button class="quiet sheet-close" onClick={() => dialog.current?.close()}>
              {t.page.close}
            </button>
            <Summary />
            <ThemeChoice />
          </div>
        )}
      </dialog>
    </>
  );
}

function ThemeChoice() {
  const app = useApp();
  const themes = Object.entries(t.page.themes) as [Theme, string][];
  return (
    <Select<Theme>
      class="theme"
      aria-label={t.page.theme}
      value={app.settings.value.theme}
      choices={themes.map(([value, text]) => ({ value, text }))}
      onChange={(theme) => app.set({ theme })}
    />
  );
}
