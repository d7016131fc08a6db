import type { Coefficient, Law } from '../core/protocol';
import { weightsIn } from '../state/fitting';
import type { Weights } from '../state/saved';
import { constraints as words } from '../text/rooms';
import { Field, Select } from './bits';
import { useApp } from './context';

/** Hold coefficients at a value, two of them equal, or each between bounds; weigh the runs. */
export function Holding({ law }: { law: Law }) {
  const app = useApp();
  const ways = weightsIn(app.prepared.value.value);
  return (
    <div class="fields">
      {law.coefficients.map((coefficient, i) => (
        <Hold
          key={coefficient.id}
          coefficient={coefficient}
          // Only like and like can be equal, and each pair is offered once.
          partners={law.coefficients.slice(0, i).filter(({ role }) => role === coefficient.role)}
        />
      ))}
      {ways.length > 1 && (
        <Field label={words.weights}>
          {(control) => (
            <Select<Weights>
              id={control}
              value={app.weights.value}
              choices={ways.map((way) => ({ value: way, text: words.weighting[way] }))}
              onChange={(weights) => app.set({ weights })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

const FREE = 'free';
const FIXED = 'fixed';
const BOUNDED = 'bounded';

function Hold({ coefficient, partners }: { coefficient: Coefficient; partners: Coefficient[] }) {
  const app = useApp();
  const { id, symbol, lower, upper } = coefficient;
  const { fixed, tied, bounds } = app.settings.value;
  const fitted = app.fit.state.value.value?.numbers?.coefficients[id];
  const partner = tied.find(([first]) => first === id)?.[1];
  const { [id]: held, ...others } = fixed;
  const { [id]: limits, ...otherBounds } = bounds;
  const pairs = tied.filter(([first]) => first !== id);

  const choose = (state: string) =>
    app.set({
      fixed:
        state === FIXED ? { ...others, [id]: Number((fitted ?? lower).toPrecision(4)) } : others,
      bounds: state === BOUNDED ? { ...otherBounds, [id]: [null, null] } : otherBounds,
      tied: partners.some((other) => other.id === state) ? [...pairs, [id, state]] : pairs,
    });
  return (
    <Field label={symbol} class="hold">
      {(control) => (
        <>
          <Select
            id={control}
            value={held !== undefined ? FIXED : limits ? BOUNDED : (partner ?? FREE)}
            choices={[
              { value: FREE, text: words.free },
              { value: FIXED, text: words.fixedAt },
              { value: BOUNDED, text: words.between },
              ...partners.map((other) => ({ value: other.id, text: words.equals(other.symbol) })),
            ]}
            onChange={choose}
          />
          {limits &&
            ([words.least, words.most] as const).map((text, side) => (
              <label key={text} class="limit">
                <span class="muted small">{text}</span>
                <input
                  type="number"
                  step="any"
                  min={lower}
                  max={upper ?? undefined}
                  aria-label={`${symbol} ${text}`}
                  value={limits[side] ?? ''}
                  onChange={(event) => {
                    const typed = event.currentTarget.valueAsNumber;
                    const next: [number | null, number | null] = [...limits];
                    next[side] = Number.isNaN(typed) ? null : typed;
                    const [low, high] = [next[0] ?? lower, next[1] ?? upper ?? Infinity];
                    const allowed = low >= lower && low < high && high <= (upper ?? Infinity);
                    if (allowed) app.set({ bounds: { ...otherBounds, [id]: next } });
                  }}
                />
              </label>
            ))}
          {held !== undefined && (
            <input
              type="number"
              step="any"
              min={lower}
              max={upper ?? undefined}
              aria-label={`${symbol} ${words.fixedAt}`}
              value={held}
              onChange={(event) => {
                const value = event.currentTarget.valueAsNumber;
                const allowed = value >= lower && value <= (upper ?? Infinity);
                if (allowed) app.set({ fixed: { ...others, [id]: value } });
              }}
            />
          )}
        </>
      )}
    </Field>
  );
}
