import { plan as words } from '../text/rooms';
import { Field, NumberInput, Select } from './bits';
import { useApp } from './context';

/** Which compute model turns params and tokens into FLOPs, with its settings. */
export function CostChoiceFields() {
  const app = useApp();
  const models = app.catalog.value?.cost_models ?? [];
  const cost = app.cost.value;
  const model = models.find(({ id }) => id === cost?.id);
  if (!cost || !model) return null;
  return (
    <div class="fields">
      <Field label={words.cost}>
        {(control) => (
          <Select
            id={control}
            value={model.id}
            choices={models.map(({ id, name, formula }) => ({
              value: id,
              text: `${name}: ${formula}`,
            }))}
            onChange={(id) => app.set({ cost: { id } })}
          />
        )}
      </Field>
      {model.settings.map(({ id, name, unit, default_value, lower, upper }) => (
        <Field key={id} label={name} class="short">
          {(control) => (
            <NumberInput
              id={control}
              title={unit}
              lower={lower}
              upper={upper}
              value={cost.settings?.[id] ?? default_value}
              onChange={(value) =>
                app.set({ cost: { id: model.id, settings: { ...cost.settings, [id]: value } } })
              }
            />
          )}
        </Field>
      ))}
    </div>
  );
}
