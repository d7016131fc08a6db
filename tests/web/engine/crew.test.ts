/** Who does what when, with hands that work when the test says so. */
import { expect, test, vi } from 'vitest';
import { EngineClient, type Hand as WorkerHand } from '../../../web/src/core/client';
import { BACKGROUND, crewOf, type Hand } from '../../../web/src/core/crew';
import { EngineFailure } from '../../../web/src/core/engine';
import type { FromWorker, ToWorker } from '../../../web/src/core/messages';

const soon = () => new Promise((resolve) => setTimeout(resolve));

function handOf() {
  const jobs: { operation: string; end: () => void; fail: (why: Error) => void }[] = [];
  const hand: Hand = {
    call: <R>(operation: string) =>
      new Promise<{ result: R; columns: object }>((resolve, reject) => {
        const end = () => resolve({ result: operation as R, columns: {} });
        jobs.push({ operation, end, fail: reject });
      }) as never,
    fit: () => Promise.reject(new Error('unused')),
  };
  return { hand, jobs, names: () => jobs.map(({ operation }) => operation) };
}

test('a hand has one job at a time, and the others wait in order', async () => {
  const { hand, jobs, names } = handOf();
  const crew = crewOf([hand]);
  const answers = ['a', 'b', 'c'].map((name) => crew.call(name, {}, {}));
  expect(names()).toEqual(['a']);
  jobs[0]!.end();
  expect((await answers[0])!.result).toBe('a');
  await soon();
  expect(names()).toEqual(['a', 'b']);
});

test('what somebody waits for overtakes what runs in the background', async () => {
  const { hand, jobs, names } = handOf();
  const crew = crewOf([hand]);
  for (const name of ['part 1', 'part 2', 'part 3']) {
    void crew.call(name, {}, {}, { priority: BACKGROUND });
  }
  void crew.call('question', {}, {});
  jobs[0]!.end();
  await soon();
  jobs[1]!.end();
  await soon();
  expect(names()).toEqual(['part 1', 'question', 'part 2']);
});

test('an aborted job leaves the queue, and is not waited for where it has begun', async () => {
  const { hand, jobs, names } = handOf();
  const crew = crewOf([hand]);
  const abort = new AbortController();
  const begun = crew.call('begun', {}, {}, { signal: abort.signal });
  const queued = crew.call('queued', {}, {}, { signal: abort.signal });
  void crew.call('other', {}, {});
  abort.abort(new Error('enough'));
  await expect(begun).rejects.toThrow('enough');
  await expect(queued).rejects.toThrow('enough');
  // Its hand is still at it: nobody else may have it yet.
  expect(names()).toEqual(['begun']);
  jobs[0]!.end();
  await soon();
  expect(names()).toEqual(['begun', 'other']);
  const late = crew.call('late', {}, {}, { signal: abort.signal });
  await expect(late).rejects.toThrow('enough');
});

test('a job that fails fails alone', async () => {
  const { hand, jobs } = handOf();
  const crew = crewOf([hand]);
  const bad = crew.call('bad', {}, {});
  const good = crew.call('good', {}, {});
  jobs[0]!.fail(new EngineFailure({ field: 'law', message: 'No.' }));
  await expect(bad).rejects.toMatchObject({ field: 'law' });
  await soon();
  jobs[1]!.end();
  expect((await good).result).toBe('good');
});

test('a hand that cannot start gets no work as long as another one can', async () => {
  const [broken, sound] = [handOf(), handOf()];
  const crew = crewOf([{ ...broken.hand, broken: true }, sound.hand]);
  void crew.call('a', {}, {});
  void crew.call('b', {}, {});
  await soon();
  expect(broken.names()).toEqual([]);
  expect(sound.names()).toEqual(['a']);
});

/** A worker that never does anything by itself. */
class FakeWorker implements WorkerHand {
  calls: Extract<ToWorker, { type: 'call' }>[] = [];
  onmessage: WorkerHand['onmessage'] = null;
  onerror: WorkerHand['onerror'] = null;
  postMessage(message: ToWorker) {
    if (message.type === 'call') this.calls.push(message);
  }
  terminate() {}
  say(message: FromWorker) {
    this.onmessage?.({ data: message } as MessageEvent<FromWorker>);
  }
}

test('a worker that traps is replaced, and only its own job is lost', async () => {
  const workers: FakeWorker[] = [];
  const replaced = vi.fn();
  const module = Promise.resolve({} as WebAssembly.Module);
  const hire = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  const crew = crewOf([0, 1].map(() => new EngineClient(module, replaced, hire)));
  workers.forEach((worker) => worker.say({ type: 'ready' }));
  const jobs = ['a', 'b', 'c'].map((name) => crew.call(name, {}, {}));
  await soon();
  const lost = expect(jobs[0]).rejects.toBeInstanceOf(EngineFailure);
  workers[0]!.say({ type: 'dead', message: 'unreachable' });
  await lost;
  expect(replaced).toHaveBeenCalledOnce();
  await soon();
  const finish = (worker: FakeWorker, result: string) =>
    worker.say({ type: 'answer', id: worker.calls.at(-1)!.id, value: { result, columns: {} } });
  finish(workers[1]!, 'b is done');
  finish(workers[2]!, 'c is done');
  expect((await jobs[1])!.result).toBe('b is done');
  expect((await jobs[2])!.result).toBe('c is done');
});

test('sent home, it does nothing more', async () => {
  const { hand, names } = handOf();
  const crew = crewOf([hand]);
  void crew.call('a', {}, {});
  const waiting = crew.call('b', {}, {});
  crew.dispose();
  await expect(waiting).rejects.toThrow('sent home');
  expect(names()).toEqual(['a']);
});
