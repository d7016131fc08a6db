/** Bytes → text, or the kind of binary file that they are. */

export type Decoded = { text: string; guessedEncoding?: string } | { binary: string };

const signatures: [bytes: string, kind: string][] = [
  ['\x89PNG', 'PNG image'],
  ['\xff\xd8\xff', 'JPEG image'],
  ['GIF8', 'GIF image'],
  ['%PDF', 'PDF'],
  ['PAR1', 'Parquet'],
  ['ARROW1', 'Arrow'],
  ['\x1f\x8b', 'gzip'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['BZh', 'bzip2'],
  ['\xfd7zXZ', 'xz'],
  ['\xd0\xcf\x11\xe0', 'Excel (xls)'],
  ['SQLite format 3', 'SQLite'],
  ['\x93NUMPY', 'NumPy'],
  ['\x89HDF', 'HDF5'],
];

export function decode(input: string | Uint8Array): Decoded {
  const head =
    typeof input === 'string'
      ? input.slice(0, 4096)
      : String.fromCharCode(...input.subarray(0, 4096));
  const kind = binaryKind(head);
  if (kind) return { binary: kind };
  if (typeof input === 'string') {
    return input.slice(0, 4096).includes('\0') ? { binary: '' } : { text: withoutMark(input) };
  }
  const wide = wideEncoding(input);
  if (wide) return { text: withoutMark(new TextDecoder(wide).decode(input)) };
  if (head.includes('\0')) return { binary: '' };
  try {
    return { text: withoutMark(new TextDecoder('utf-8', { fatal: true }).decode(input)) };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(input), guessedEncoding: 'Windows-1252' };
  }
}

function binaryKind(head: string): string | undefined {
  if (head.startsWith('PK\x03\x04')) {
    return /xl\/|\[Content_Types\]/.test(head) ? 'Excel (xlsx)' : 'zip';
  }
  return signatures.find(([bytes]) => head.startsWith(bytes))?.[1];
}

/** UTF-16 by its byte order mark, or by every other byte of a plain text being zero. */
function wideEncoding(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const head = bytes.subarray(0, 512);
  const zeros = [0, 0];
  head.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2]! += 1;
  });
  const many = head.length * 0.3;
  if (zeros[1]! > many && zeros[0] === 0) return 'utf-16le';
  if (zeros[0]! > many && zeros[1] === 0) return 'utf-16be';
  return null;
}

/** Without a byte order mark, and with one kind of line break. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}
