/**
 * The address of a view: everything after the `#`. A pure codec, total in both directions: whatever
 * text arrives, an address comes out, and what could not be read is left out and named.
 *
 *   #fit   #plan?law=…&C=1e24&example=…&view=projector
 */

export const ROOMS = ['data', 'fit', 'plan'] as const;
export type Room = (typeof ROOMS)[number];

export interface Address {
  room: Room;
  /** Settings said aloud in the address; absent = not said. Ids are checked against the catalog later. */
  law?: string;
  objective?: string;
  delta?: number;
  /** The budget as it was typed. */
  flops?: string;
  example?: string;
  view?: 'projector';
}

/** An address as it was read, with what it says besides. */
export interface Arrival {
  address: Address;
  /** Keys that were there and could not be used. */
  unread: string[];
}

/** Nothing that we wrote is longer; a longer value was not meant for us. */
const LONGEST_VALUE = 60;

type Key = Exclude<keyof Address, 'room'>;
const KEYS: [key: string, field: Key][] = [
  ['law', 'law'],
  ['objective', 'objective'],
  ['delta', 'delta'],
  ['C', 'flops'],
  ['example', 'example'],
  ['view', 'view'],
];

function isRoom(text: string): text is Room {
  return (ROOMS as readonly string[]).includes(text);
}

function read(field: Key, text: string): Partial<Address> | null {
  if (text === '' || text.length > LONGEST_VALUE) return null;
  switch (field) {
    case 'delta': {
      const delta = Number(text);
      return Number.isFinite(delta) && delta > 0 ? { delta } : null;
    }
    case 'view':
      return text === 'projector' ? { view: 'projector' } : null;
    default:
      return { [field]: text };
  }
}

export function decodeAddress(hash: string): Arrival {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  const address: Address = { room: isRoom(path) ? path : 'fit' };
  const unread: string[] = path === '' || isRoom(path) ? [] : [path.slice(0, LONGEST_VALUE)];
  // URLSearchParams takes any text and never throws.
  for (const [key, text] of new URLSearchParams(query)) {
    const field = KEYS.find(([name]) => name === key)?.[1];
    const part = field ? read(field, text) : null;
    if (part) Object.assign(address, part);
    else unread.push(key.slice(0, LONGEST_VALUE));
  }
  return { address, unread };
}

export function encodeAddress(address: Address): string {
  const query = new URLSearchParams();
  for (const [key, field] of KEYS) {
    const value = address[field];
    if (value !== undefined) query.set(key, String(value));
  }
  const text = query.toString();
  return `#${address.room}${text ? `?${text}` : ''}`;
}
