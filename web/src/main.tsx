/** Puts the page together. The only file that touches location and history. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { compileEngine, EngineClient } from './core/client';
import { createApp, type App } from './state/app';
import type { Shelf } from './state/saved';
import { decodeAddress, encodeAddress } from './state/url';
import { page, rooms } from './text/page';
import { Page } from './ui/page';

/** Some browsers deny storage by throwing at the mere mention of it. */
function shelfOf(): Shelf | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** What is seen first is fetched first; a room without charts is not waited for long. */
function chartsDrawn(): Promise<void> {
  const { dataset } = document.documentElement;
  return new Promise((resolve) => {
    const look = () => {
      if (!dataset['ready'] && performance.now() < end) return;
      clearInterval(timer);
      resolve();
    };
    const end = performance.now() + 5000;
    const timer = setInterval(look, 20);
    look();
  });
}

let app: App | null = null;
const engine = new EngineClient(compileEngine(), () => app?.noteRecovery());
app = createApp({
  engine,
  shelf: shelfOf(),
  arrival: decodeAddress(location.hash),
  async hireCrew() {
    await chartsDrawn();
    const { hireCrew } = await import('./core/hire');
    return hireCrew(() => app?.noteRecovery());
  },
});
const { address, settings, room, follow } = app;
const root = document.documentElement;

const { view } = address.value;
if (view) root.dataset.view = view;
effect(() => {
  const { theme } = settings.value;
  if (theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme;
});

effect(() => {
  document.title = `${rooms[room.value]} · ${page.title}`;
});
effect(() => {
  const hash = encodeAddress(address.value);
  // Rooms are links and make history of their own; a setting is no place to go back to.
  if (hash !== location.hash) history.replaceState(null, '', hash);
});
addEventListener('hashchange', () => {
  follow(decodeAddress(location.hash));
});

// For tests and the curious: ends the worker as a crash would.
Object.assign(globalThis, {
  isoloss: {
    crash() {
      engine.crash();
      app?.estimation.value?.crash();
    },
  },
});

const host = document.getElementById('app')!;
host.replaceChildren();
render(<Page app={app} />, host);
