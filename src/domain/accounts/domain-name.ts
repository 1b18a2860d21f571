/**
 * Domain names as A-labels (RFC 5890): `correo-méxico.example` is `xn--correo-mxico-ieb.example`, the form that browsers send. Pure,
 * so that the domain can fold addresses; Node's `domainToASCII` treats a name as a URL, and `1.2` as an IPv4 address.
 */

/** The name in lower case, each non-ASCII label as its A-label. An invalid name is folded too. */
export function toALabels(domain: string): string {
  return mapped(domain)
    .split('.')
    .map((label) => (isAscii(label) ? label : `xn--${punycode(label)}`))
    .join('.');
}

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** The letter mapping of UTS #46, for names without hidden characters: JavaScript would lower-case a last capital sigma to a final sigma. */
const mapped = (domain: string): string =>
  domain.normalize('NFKC').replaceAll('Σ', 'σ').toLowerCase().normalize('NFKC').replaceAll('。', '.');

// The parameters of RFC 3492, section 5.
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const FIRST_NON_ASCII = 0x80;

/** RFC 3492, section 6.3. Numbers stay exact, because labels are short. */
function punycode(label: string): string {
  const points = Array.from(label, (character) => character.codePointAt(0)!);
  const basic = points.filter((point) => point < FIRST_NON_ASCII);
  let output = String.fromCodePoint(...basic) + (basic.length > 0 ? '-' : '');
  let bias = INITIAL_BIAS;
  let delta = 0;
  let handled = basic.length;
  let next = FIRST_NON_ASCII;
  while (handled < points.length) {
    const smallest = Math.min(...points.filter((point) => point >= next));
    delta += (smallest - next) * (handled + 1);
    for (const point of points) {
      if (point < smallest) delta += 1;
      if (point !== smallest) continue;
      output += variableLength(delta, bias);
      bias = adapted(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    next = smallest + 1;
  }
  return output;
}

/** A number as letters and digits, the least significant first. */
function variableLength(value: number, bias: number): string {
  let output = '';
  let rest = value;
  for (let k = BASE; ; k += BASE) {
    const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
    if (rest < threshold) return output + digit(rest);
    const room = BASE - threshold;
    output += digit(threshold + ((rest - threshold) % room));
    rest = Math.floor((rest - threshold) / room);
  }
}

/** `a` to `z` are 0 to 25, `0` to `9` are 26 to 35. */
const digit = (value: number): string => String.fromCodePoint(value < 26 ? value + 97 : value + 22);

/** RFC 3492, section 6.1. */
function adapted(delta: number, handled: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? DAMP : 2));
  rest += Math.floor(rest / handled);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
