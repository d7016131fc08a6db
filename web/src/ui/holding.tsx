import type { Coefficient, Law } from '../core/protocol';
import * as t from '../text/page';
import { Field, Select } from './bits';
import { useApp } from './context';

/** Hold coefficients at a value, or two of them equal. */
export function Holding({ law }: { law: Law }) {
  const { fixed, tied } = useApp().settings.value;
  const held = law.coefficients.filter(
    ({ id }) => id in fixed || tied.some(([first]) => first === id),
  ).length;
  return (
    <details class="holding">
      <summary>{held > 0 ? t.fit.holding(held) : t.fit.hold}</summary>
      <div class="fields">
        {law.coefficients.map((coefficient, i) => (
          <Hold
            key={coefficient.id}
            coefficient={coefficient}
            // Only like and like can be equal, and each pair is offered once.
            partners={law.coefficients.slice(0, i).filter(({ role }) => role === coefficient.role)}
          />
        ))}
      </div>
    </details>
  );
}

const FREE = 'free';
const FIXED = 'fixed';

function Hold({ coefficient, partners }: { coefficient: Coefficient; partners: Coefficient[] }) {
  const app = useApp();
  const { id, symbol, lower, upper } = coefficient;
  const { fixed, tied } = app.settings.value;
  const fitted = app.fit.state.value.value?.numbers?.coefficients[id];
  const partner = tied.find(([first]) => first === id)?.[1];
  const { [id]: held, ...others } = fixed;
  const pairs = tied.filter(([first]) => first !== id);

  const choose = (state: string) => {
    if (state === FIXED) {
      const value = Number((fitted ?? lower).toPrecision(4));
      app.set({ fixed: { ...others, [id]: value }, tied: pairs });
    } else {
      app.set({ fixed: others, tied: state === FREE ? pairs : [...pairs, [id, state]] });
    }
  };
  return (
    <Field label={symbol} class="hold">
      {(control) => (
        <>
          <Select
            id={control}
            value={held !== undefined ? FIXED : (partner ?? FREE)}
            choices={[
              { value: FREE, text: t.fit.free },
              { value: FIXED, text: t.fit.fixedAt },
              ...partners.map((other) => ({ value: other.id, text: t.fit.equals(other.symbol) })),
            ]}
            onChange={choose}
          />
          {held !== undefined && (
            <input
              type="number"
              step="any"
              min={lower}
              max={upper ?? undefined}
              aria-label={`${symbol} ${t.fit.fixedAt}`}
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
