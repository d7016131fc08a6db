import * as t from '../../text/panels';
import { Field, Select } from '../bits';
import { useApp } from '../context';

/** Which column says what group a run belongs to. */
export function GroupControls() {
  const app = useApp();
  const { group } = app.settings.value;
  const header = app.table.value?.header ?? [];
  const marked = app.mapping.value?.columns.findIndex(({ role }) => role === 'group') ?? -1;
  return (
    <Field label={t.laws.groupColumn}>
      {(control) => (
        <Select
          id={control}
          value={group ?? ''}
          choices={[
            { value: '', text: marked >= 0 ? t.laws.markedGroup(header[marked]!) : t.laws.noGroup },
            ...header.map((name) => ({ value: name, text: name })),
          ]}
          onChange={(name) => app.set({ group: name === '' ? null : name })}
        />
      )}
    </Field>
  );
}
