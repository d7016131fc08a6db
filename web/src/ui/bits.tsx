import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Citation } from '../core/protocol';
import { fullPrecision } from '../format';
import * as t from '../text/page';
import type { Rich } from '../text/page';

/** A sentence with its numbers set strong. */
export function RichText({ parts }: { parts: Rich }) {
  return (
    <>
      {parts.map((part, i) =>
        typeof part === 'string' ? part : <strong key={i}>{part.strong}</strong>,
      )}
    </>
  );
}

/** A printed number that carries its full precision along. */
export function Num({
  value,
  text,
  name,
}: {
  value: number | null | undefined;
  text: string;
  name?: string;
}) {
  const full = fullPrecision(value);
  return (
    <data class="num" value={full} title={full || undefined} data-name={name}>
      {text}
    </data>
  );
}

/** "N_c" with its index lowered. */
export function SymbolText({ symbol }: { symbol: string }) {
  const [base, index] = symbol.split('_');
  return (
    <>
      {base}
      {index && <sub>{index}</sub>}
    </>
  );
}

/** "tokens^β" with its exponent raised. */
export function UnitText({ unit }: { unit: string }) {
  return <>{unit.split(/\^(\S+)/).map((part, i) => (i % 2 ? <sup key={i}>{part}</sup> : part))}</>;
}

export function Source({ citation }: { citation: Citation }) {
  return (
    <a class="citation" href={citation.url} title={citation.title} rel="noreferrer" target="_blank">
      {citation.text}
      {citation.locator && `, ${citation.locator}`}
    </a>
  );
}

/** A label over its control, which takes the id. */
export function Field({
  label,
  children,
  class: extra = '',
}: {
  label: string;
  children: (id: string) => ComponentChildren;
  class?: string;
}) {
  const id = useId();
  return (
    <div class={`field ${extra}`}>
      <label class="field-label" for={id}>
        {label}
      </label>
      {children(id)}
    </div>
  );
}

/** A table that scrolls sideways by itself where the screen is narrow. */
export function WideTable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled by arrow keys
    <div class="wide-table" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

export interface Choice<T extends string> {
  value: T;
  text: string;
  disabled?: boolean;
}

export function Select<T extends string>({
  value,
  choices,
  onChange,
  ...rest
}: {
  value: T;
  choices: Choice<T>[];
  onChange: (value: T) => void;
  'aria-label'?: string;
  id?: string;
  class?: string;
}) {
  return (
    <select {...rest} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
      {choices.map(({ value: option, text, disabled }) => (
        <option key={option} value={option} disabled={disabled} selected={option === value}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** A warning or a refusal: what it is, why, and the way out. */
export function Notice({
  severity,
  name,
  children,
}: {
  severity: 'info' | 'warning' | 'error';
  name?: string;
  children: ComponentChildren;
}) {
  return (
    <p class={`notice notice-${severity}`}>
      {name && <strong>{name} </strong>}
      {children}
    </p>
  );
}

/** A number within bounds: what is out of them changes nothing, and is said. */
export function NumberInput({
  id,
  value,
  lower,
  upper = Infinity,
  title,
  onChange,
}: {
  id: string;
  value: number;
  lower: number;
  upper?: number;
  title?: string;
  onChange: (value: number) => void;
}) {
  return (
    <>
      <input
        id={id}
        type="number"
        title={title}
        step="any"
        required
        min={lower}
        max={Number.isFinite(upper) ? upper : undefined}
        value={value}
        aria-describedby={`${id}-bounds`}
        onChange={(event) => {
          const next = event.currentTarget.valueAsNumber;
          if (next >= lower && next <= upper) onChange(next);
        }}
      />
      <span id={`${id}-bounds`} class="bounds">
        {t.bounds(lower, upper)}
      </span>
    </>
  );
}
