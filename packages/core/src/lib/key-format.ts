// The form of the API keys that we make: `am_<environment>_<43 random characters><6 characters of checksum>`. Scanners for
// leaked secrets recognise it without asking a server, and a mistyped key is rejected without a look-up.

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62^43 is just over 2^256. */
const randomLength = 43;
/** 62^6 is over 2^32. */
const checksumLength = 6;
const shape = /^am_[a-z][a-z0-9]{0,15}_[0-9A-Za-z]{49}$/;

/** The environment in a key. */
export const environmentShape: RegExp = /^[a-z][a-z0-9]{0,15}$/;

/** @param randomHex 64 hexadecimal digits */
export function formatKey(environment: string, randomHex: string): string {
  const start = `am_${environment}_${base62(BigInt(`0x${randomHex}`), randomLength)}`;
  return start + checksumOf(start);
}

/** Whether a key has our form and a wrong checksum. Keys of any other form have none. */
export function isMistyped(key: string): boolean {
  if (!key.startsWith("am_") || !shape.test(key)) return false;
  return checksumOf(key.slice(0, -checksumLength)) !== key.slice(-checksumLength);
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = alphabet.charAt(Number(rest % 62n)) + text;
  return text;
}

function checksumOf(text: string): string {
  let digits = "";
  for (let rest = crc32(text); digits.length < checksumLength; rest = Math.floor(rest / 62)) {
    digits = alphabet.charAt(rest % 62) + digits;
  }
  return digits;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0);
  return crc;
});

/** CRC-32 as in zip and PNG, of ASCII text. */
function crc32(text: string): number {
  let crc = 0xff_ff_ff_ff;
  for (let i = 0; i < text.length; i++) {
    crc = (crc >>> 8) ^ (crcTable[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0);
  }
  return (crc ^ 0xff_ff_ff_ff) >>> 0;
}
