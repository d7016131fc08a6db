/**
 * Numbers as people read them. Everything the page prints goes through here; full precision is kept
 * for copying and files (`fullPrecision`). A number that does not exist (null, NaN) prints as "–".
 */
import type { Quantity } from '../core/protocol';

const MINUS = '\u2212';
const NO_BREAK = '\u00a0';
/** Narrow no-break space: within a number, around ±, before %. */
const THIN = '\u202f';
const EN_DASH = '\u2013';
export const NO_NUMBER = '\u2013';

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const SUFFIXES = ['', 'k', 'M', 'B', 'T'];

type Maybe = number | null | undefined;

function isNumber(x: Maybe): x is number {
  return typeof x === 'number' && !Number.isNaN(x);
}

/** Floor of log10, exact for every power of ten (Math.log10(1e15) is; 10 ** -5 is not 1e-5). */
function exponentOf(x: number): number {
  return x === 0 ? 0 : Number(Math.abs(x).toExponential().split('e')[1]);
}

/** The exponent that x has once it is rounded to `digits` significant digits: 9.996 → 1 at three. */
function roundedExponent(x: number, digits: number): number {
  return x === 0
    ? 0
    : Number(
        Math.abs(x)
          .toExponential(digits - 1)
          .split('e')[1],
      );
}

/** x·10^−exponent without the rounding error of a division by an inexact power. */
function shift(x: number, exponent: number): number {
  const [mantissa, own] = x.toExponential().split('e');
  return Number(`${mantissa}e${Number(own) - exponent}`);
}

export function superscript(exponent: number): string {
  const digits = [...String(Math.abs(exponent))]
    .map((digit) => SUPERSCRIPTS[Number(digit)])
    .join('');
  return (exponent < 0 ? '⁻' : '') + digits;
}

/** "10²⁰" */
export function powerOfTen(exponent: number): string {
  return `10${superscript(exponent)}`;
}

/** Real minus sign, no "−0", thin spaces between thousands from five digits on. */
function typeset(text: string): string {
  const negative = text.startsWith('-') && /[1-9]/.test(text);
  const [whole = '', fraction] = text.replace('-', '').split('.');
  const grouped = whole.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  return (negative ? MINUS : '') + grouped + (fraction === undefined ? '' : `.${fraction}`);
}

/** Rounded at the place 10^−places, which may lie left of the point: (482, −1) → "480". */
function atPlace(x: number, places: number): string {
  if (!Number.isFinite(x)) return infinite(x);
  if (places >= 0) return typeset(x.toFixed(Math.min(places, 100)));
  return typeset(shift(Math.round(shift(x, -places)), places).toFixed(0));
}

function infinite(x: number): string {
  return x < 0 ? `${MINUS}∞` : '∞';
}

/** `digits` significant digits, never in the form 7e+10. */
function significant(x: number, digits: number): string {
  return atPlace(x, digits - 1 - roundedExponent(x, digits));
}

function stripZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** "5.76×10²³", "10²⁴"; trailing zeros of the mantissa are dropped. */
function scientific(x: number, digits: number): string {
  const exponent = roundedExponent(x, digits);
  const mantissa = stripZeros(significant(shift(x, exponent), digits));
  if (mantissa === '1') return powerOfTen(exponent);
  if (mantissa === `${MINUS}1`) return MINUS + powerOfTen(exponent);
  return `${mantissa}×${powerOfTen(exponent)}`;
}

/** Whether a number of this exponent is written with a power of ten. */
function needsPower(exponent: number): boolean {
  return exponent >= 6 || exponent < -3;
}

/** A number of no particular kind, such as a coefficient: "0.3478", "482", "2085", "6.4×10¹³". */
export function formatNumber(x: Maybe, digits = 4): string {
  if (!isNumber(x)) return NO_NUMBER;
  if (!Number.isFinite(x)) return infinite(x);
  if (needsPower(roundedExponent(x, digits))) return scientific(x, digits);
  return stripZeros(significant(x, digits));
}

function suffixOf(x: number, digits: number): number {
  return Math.max(0, Math.floor(roundedExponent(x, digits) / 3));
}

/** "70B", "1.4T", "405M", "12.3k"; from a thousand trillion on "1.2×10¹⁵". */
export function formatCount(x: Maybe, digits = 3): string {
  if (!isNumber(x)) return NO_NUMBER;
  if (!Number.isFinite(x)) return infinite(x);
  const suffix = suffixOf(x, digits);
  if (suffix >= SUFFIXES.length || (x !== 0 && roundedExponent(x, digits) < -3))
    return scientific(x, digits);
  const scaled = shift(x, 3 * suffix);
  // Numbers below a thousand may have more than three whole digits only after rounding up, which suffixOf saw.
  return stripZeros(significant(scaled, digits)) + SUFFIXES[suffix];
}

/** "5.76×10²³"; the unit is the caller's. */
export function formatFlops(x: Maybe, digits = 3): string {
  return formatNumber(x, digits);
}

/** Four significant digits, zeros kept so that columns of losses align: "2.306", "2.300". */
export function formatLoss(x: Maybe): string {
  if (!isNumber(x)) return NO_NUMBER;
  if (!Number.isFinite(x)) return infinite(x);
  return needsPower(roundedExponent(x, 4)) && x !== 0 ? scientific(x, 4) : significant(x, 4);
}

function unitAfter(quantity: Quantity, printed: string): string {
  const unit = quantity.unit.replace(/ per /, '/');
  if (!unit) return '';
  return NO_BREAK + (printed === '1' ? unit.replace(/s$/, '') : unit);
}

/** The number in the manner of its quantity, with unit unless told otherwise: "70B parameters". */
export function formatQuantity(
  quantity: Quantity,
  x: Maybe,
  options: { unit?: boolean } = {},
): string {
  if (!isNumber(x)) return NO_NUMBER;
  const printed =
    quantity.kind === 'count'
      ? formatCount(x)
      : quantity.kind === 'compute'
        ? formatFlops(x)
        : formatLoss(x);
  return options.unit === false ? printed : printed + unitAfter(quantity, printed);
}

/**
 * Value and standard error rounded together, the error to two significant digits: "0.347 ± 0.015",
 * "480 ± 120", "(1.23 ± 0.15)×10⁹". Without an error the value alone.
 */
export function formatEstimate(value: Maybe, standardError: Maybe): string {
  if (!isNumber(value)) return NO_NUMBER;
  if (!isNumber(standardError) || standardError <= 0) return formatNumber(value);
  const join = `${THIN}±${THIN}`;
  if (!Number.isFinite(standardError) || !Number.isFinite(value))
    return formatNumber(value) + join + formatNumber(standardError);
  const errorExponent = roundedExponent(standardError, 2);
  const leading = Math.max(exponentOf(value), errorExponent);
  // An error far below the digits anybody reads is told by its size.
  if (leading - errorExponent > 6)
    return significantOrPower(value, 6) + join + scientific(standardError, 2);
  if (!needsPower(leading))
    return atPlace(value, 1 - errorExponent) + join + atPlace(standardError, 1 - errorExponent);
  const places = 1 - errorExponent + leading;
  const mantissas =
    atPlace(shift(value, leading), places) + join + atPlace(shift(standardError, leading), places);
  return `(${mantissas})×${powerOfTen(leading)}`;
}

function significantOrPower(x: number, digits: number): string {
  return needsPower(roundedExponent(x, digits)) ? scientific(x, digits) : significant(x, digits);
}

/** Digits after the point at which an interval of this width shows two significant digits of it. */
function placesFor(width: number): number {
  return 1 - roundedExponent(width, 2);
}

/** Bounds so far apart that one place cannot serve both. */
function isWide(lo: number, hi: number): boolean {
  return lo > 0 && hi / lo > 50;
}

function joinRange(lo: string, hi: string): string {
  if (lo === hi) return lo;
  return lo.startsWith(MINUS) || hi.startsWith(MINUS) ? `${lo} to ${hi}` : `${lo}${EN_DASH}${hi}`;
}

/** "0.317–0.373": both bounds at the place that shows two digits of the width. */
export function formatInterval(interval: readonly [number, number] | null | undefined): string {
  if (!interval || !isNumber(interval[0]) || !isNumber(interval[1])) return NO_NUMBER;
  const [lo, hi] = interval;
  if (!Number.isFinite(hi - lo) || isWide(lo, hi))
    return joinRange(formatNumber(lo, 2), formatNumber(hi, 2));
  if (lo === hi) return formatNumber(lo);
  const leading = Math.max(exponentOf(lo), exponentOf(hi));
  const places = placesFor(hi - lo);
  if (!needsPower(leading) && places <= 7)
    return joinRange(atPlace(lo, places), atPlace(hi, places));
  const mantissas = joinRange(
    atPlace(shift(lo, leading), places + leading),
    atPlace(shift(hi, leading), places + leading),
  );
  const bracketed = mantissas.includes(' to ') ? `(${mantissas})` : mantissas;
  return leading === 0 ? mantissas : `${bracketed}×${powerOfTen(leading)}`;
}

/** An interval in the manner of its quantity: "68–138B", "800M–1.2B", "1.951–1.967". */
export function formatQuantityInterval(
  quantity: Quantity,
  interval: readonly [number, number] | null | undefined,
): string {
  if (!interval || !isNumber(interval[0]) || !isNumber(interval[1])) return NO_NUMBER;
  const [lo, hi] = interval;
  if (quantity.kind !== 'count' || !Number.isFinite(hi - lo)) return formatInterval(interval);
  const suffix = suffixOf(hi, 3);
  if (isWide(lo, hi) || suffixOf(lo, 3) !== suffix || suffix >= SUFFIXES.length) {
    return joinRange(formatCount(lo, 2), formatCount(hi, 2));
  }
  // At most three significant digits of a count mean anything.
  const places = Math.min(
    placesFor(shift(hi - lo, 3 * suffix)),
    2 - exponentOf(shift(hi, 3 * suffix)),
  );
  const [from, to] = [lo, hi].map((x) => atPlace(shift(x, 3 * suffix), places)) as [string, string];
  // "8.0–9.5B", but "8–9B": zeros go only from both.
  const bare = [from, to].map(stripZeros);
  const whole = bare.every((text) => !text.includes('.'));
  return (whole ? joinRange(bare[0]!, bare[1]!) : joinRange(from, to)) + SUFFIXES[suffix];
}

/** A fraction as percent, two significant digits: 0.0186 → "1.9 %", with `sign` "+1.9 %". */
export function formatPercent(fraction: Maybe, options: { sign?: boolean } = {}): string {
  if (!isNumber(fraction)) return NO_NUMBER;
  const percent = shift(fraction, -2);
  const printed = Number.isFinite(percent)
    ? Math.abs(percent) >= 10
      ? atPlace(percent, 0)
      : atPlace(percent, Math.min(2, Math.max(1, 1 - roundedExponent(percent, 2))))
    : infinite(percent);
  const sign = options.sign && percent > 0 && /[1-9]/.test(printed) ? '+' : '';
  return `${sign}${printed}${THIN}%`;
}

/** "1.9 decades", "1 decade". */
export function formatDecades(decades: Maybe): string {
  if (!isNumber(decades)) return NO_NUMBER;
  const printed = stripZeros(atPlace(decades, 1));
  return `${printed}${NO_BREAK}${printed === '1' ? 'decade' : 'decades'}`;
}

/** The shortest text that reads back as the same double, for files and the clipboard; "" for none. */
export function fullPrecision(x: Maybe): string {
  return isNumber(x) && Number.isFinite(x) ? String(x).replace('e+', 'e') : '';
}
