/** `YYYYMMDDTHHMMSSZ`, the form of `X-Amz-Date`. @param time milliseconds since 1970 */
export function formatAmzDate(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/**
 * Milliseconds since 1970. undefined unless the text has exactly that form and names an instant of the calendar: `Date`
 * would take the 30th of February for a day in March, and NaN passes every comparison.
 */
export function parseAmzDate(text: string): number | undefined {
  if (text.length !== 16 || text[8] !== "T" || text[15] !== "Z") return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 4, 6) - 1;
  const day = digits(text, 6, 8);
  const hour = digits(text, 9, 11);
  const minute = digits(text, 11, 13);
  const second = digits(text, 13, 15);
  const inYear = year >= 1970 && month >= 0 && month <= 11;
  const inMonth = day >= 1 && (day <= 28 || Date.UTC(year, month, day) < Date.UTC(year, month + 1, 1));
  const inDay = hour <= 23 && minute <= 59 && second <= 59;
  return inYear && inMonth && inDay ? Date.UTC(year, month, day, hour, minute, second) : undefined;
}

/** NaN where one is none: then no comparison holds. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  return number;
}

/** Milliseconds since 1970 of a `Date` header (RFC 9110 §5.6.7, the preferred form alone); undefined for other text. */
export function parseHttpDate(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) || new Date(time).toUTCString() !== text ? undefined : time;
}
