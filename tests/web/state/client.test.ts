import { expect, test, vi } from 'vitest';
import { EngineClient, type Hand } from '../../../web/src/core/client';
import { EngineFailure } from '../../../web/src/core/engine';
import type { FromWorker, ToWorker } from '../../../web/src/core/messages';
import type { FitReport } from '../../../web/src/core/protocol';

class FakeHand implements Hand {
  heard: ToWorker[] = [];
  ended = false;
  onmessage: Hand['onmessage'] = null;
  onerror: Hand['onerror'] = null;
  postMessage(message: ToWorker) {
    this.heard.push(message);
  }
  terminate() {
    this.ended = true;
  }
  say(message: FromWorker) {
    this.onmessage?.({ data: message } as MessageEvent<FromWorker>);
  }
  lastCall() {
    return this.heard.findLast((message) => message.type === 'call')!;
  }
}

function office() {
  const hands: FakeHand[] = [];
  const replaced = vi.fn();
  const module = Promise.resolve({} as WebAssembly.Module);
  const client = new EngineClient(module, replaced, () => {
    const hand = new FakeHand();
    hands.push(hand);
    return hand;
  });
  return { hands, replaced, client };
}
const soon = () => new Promise((resolve) => setTimeout(resolve));

test('answers reach their callers', async () => {
  const { hands, client } = office();
  const example = client.example('one');
  await soon();
  expect(hands[0]!.heard.map(({ type }) => type)).toEqual(['start', 'call']);
  hands[0]!.say({ type: 'answer', id: hands[0]!.lastCall().id, value: { header: [], rows: [] } });
  expect(await example).toEqual({ header: [], rows: [] });
});

test('a refusal is an EngineFailure that names the field', async () => {
  const { hands, client } = office();
  const call = client.example('none');
  await soon();
  hands[0]!.say({ type: 'refusal', id: hands[0]!.lastCall().id, message: 'No.', field: 'id' });
  await expect(call).rejects.toMatchObject({ message: 'No.', field: 'id' });
});

test('progress and cancel go both ways', async () => {
  const { hands, client } = office();
  const abort = new AbortController();
  const onProgress = vi.fn();
  const fit = client.fit(
    { law: 'l', objective: { id: 'o' } },
    {},
    { signal: abort.signal, onProgress },
  );
  await soon();
  const { id } = hands[0]!.lastCall();
  const progress = { fraction: 0.5, starts_tried: 3, best_objective: null };
  hands[0]!.say({ type: 'progress', id, progress });
  expect(onProgress).toHaveBeenCalledWith(progress);
  abort.abort();
  expect(hands[0]!.heard.at(-1)).toEqual({ type: 'cancel', id });
  hands[0]!.say({ type: 'answer', id, value: { report: {} as FitReport, columns: {} } });
  await fit;
});

test('a dead worker fails its jobs and is replaced from the same module', async () => {
  const { hands, replaced, client } = office();
  hands[0]!.say({ type: 'ready' });
  const lost = client.catalog();
  await soon();
  const failed = expect(lost).rejects.toBeInstanceOf(EngineFailure);
  hands[0]!.say({ type: 'dead', message: 'memory access out of bounds' });
  await failed;
  expect(hands[0]!.ended).toBe(true);
  expect(replaced).toHaveBeenCalledOnce();
  const next = client.example('one');
  await soon();
  expect(hands[1]!.heard.map(({ type }) => type)).toEqual(['start', 'call']);
  hands[1]!.say({ type: 'answer', id: hands[1]!.lastCall().id, value: 'alive' });
  expect(await next).toBe('alive');
});

test('a worker that never starts is not replaced for ever', async () => {
  const { hands, client } = office();
  await soon();
  hands[0]!.say({ type: 'dead', message: 'no memory' });
  expect(hands).toHaveLength(1);
  await expect(client.catalog()).rejects.toThrow('no memory');
});
