import { isUtf8 } from 'node:buffer';

interface DecodedCapture {
  readonly bytes: Buffer;
  /** For the reader, such as `, in UTF-16`; undefined where nothing was to decode. */
  readonly encoding?: string;
}

/** Shorter ones are words. */
const MIN_BASE64 = 80;

/** Takes off what was put around a capture as a whole: UTF-16, a byte order mark, Base64. */
export function decodeCapture(input: Buffer): DecodedCapture {
  const utf16 = fromUtf16(input);
  const bytes = withoutMark(utf16 ?? input);
  const encoding = utf16 === undefined ? '' : ', in UTF-16';
  const inner = fromBase64(bytes);
  if (inner) return { bytes: withoutMark(inner), encoding: `, in Base64${encoding}` };
  return encoding === '' ? { bytes } : { bytes, encoding };
}

/** Windows PowerShell writes UTF-16 with a mark; other programs leave that out. */
function fromUtf16(input: Buffer): Buffer | undefined {
  const [first, second] = input;
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  if (input.length < 4 || (!isLittle && !isBig)) return undefined;
  const even = Buffer.from(input.subarray(0, input.length & ~1));
  return Buffer.from((isBig ? even.swap16() : even).toString('utf16le'), 'utf8');
}

function withoutMark(bytes: Buffer): Buffer {
  const mark = bytes.subarray(0, 3).toString('hex') === 'efbbbf';
  return mark ? bytes.subarray(3) : bytes;
}

function fromBase64(bytes: Buffer): Buffer | undefined {
  const text = bytes.toString('latin1').replace(/\s+/g, '');
  if (text.length < MIN_BASE64 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64');
  return isUtf8(decoded) ? decoded : undefined;
}
