import { own } from '../object.ts';
import { YamlProblem } from './problem.ts';

/** What words without quotes mean, as goyaml.v2 resolve.go. */
const words: ReadonlyMap<string, boolean | null> = new Map([
  ...['true', 'True', 'TRUE', 'y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE', 'n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', 'null', 'Null', 'NULL', '~'].map((word) => [word, null] as const),
]);
const LONGEST_WORD = 5;

const PLAIN_INTEGER = /^[-+]?(?:0|[1-9][0-9]*)$/;
const PREFIXED_INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** Integers beyond 64 bits are none in Go. */
const INTEGER_BOUND = 2 ** 64;

export const YAML_TAG = 'tag:yaml.org,2002:';

/**
 * The value of a plain scalar in sigs.k8s.io/yaml: `yes`, `on` and `y` are booleans, `014` is 12, `1_000` is 1000, times and
 * dates stay texts. Infinities are numbers of JavaScript; the reader refuses them.
 */
export function resolvePlain(text: string): string | number | boolean | null {
  const first = text.charCodeAt(0);
  if ((first >= 48 && first <= 57) || first === 45 || first === 43 || first === 46) return resolveNumber(text) ?? text;
  if (text.length > LONGEST_WORD) return text;
  const word = words.get(text);
  return word === undefined ? text : word;
}

/** The number that a plain scalar stands for (goyaml.v2 resolve): one of Go's integer literals, or a decimal float. */
function resolveNumber(source: string): number | undefined {
  if (PLAIN_INTEGER.test(source)) return finite(Number(source));
  if (NOT_FINITE.test(source)) return source.startsWith('-') ? -Infinity : /^\.n/i.test(source) ? Number.NaN : Infinity;
  // Underscores count for nothing; after a dot they must stand between digits.
  const plain = source.includes('_') ? source.replaceAll(source.startsWith('.') ? /(?<=\d)_(?=\d)/g : '_', '') : source;
  const prefixed = PREFIXED_INTEGER.exec(plain);
  if (prefixed !== null) {
    const [, sign, hexadecimal, binary, octal] = prefixed;
    const value =
      hexadecimal !== undefined
        ? Number.parseInt(hexadecimal, 16)
        : binary !== undefined
          ? Number.parseInt(binary, 2)
          : Number.parseInt(octal ?? '0', 8);
    if (value < INTEGER_BOUND) return sign === '-' ? 0 - value : value;
  }
  return FLOAT.test(plain) ? finite(Number(plain)) : undefined;
}

/** Numbers that are too large for Go stay texts; there is one zero. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value + 0 : undefined;
}

/** The value of a scalar with a tag; tags that are not of YAML itself make texts, as in goyaml.v2 decode.go scalar. */
export function resolveTagged(tag: string, text: string, offset: number): unknown {
  const name = tag.startsWith(YAML_TAG) ? tag.slice(YAML_TAG.length) : '';
  if (name === 'binary') return decodeBase64(text, offset);
  const accept = own(accepts, name);
  if (accept === undefined) return text;
  const value = resolvePlain(text);
  if (!accept(value)) throw new YamlProblem('tag-value', offset, `!!${name}`);
  return value;
}

const accepts: Readonly<Record<string, (value: unknown) => boolean>> = {
  bool: (value) => typeof value === 'boolean',
  int: (value) => Number.isInteger(value),
  float: (value) => typeof value === 'number',
  null: (value) => value === null,
};

function decodeBase64(text: string, offset: number): string {
  const packed = text.replaceAll(/[\r\n]/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) throw new YamlProblem('tag-value', offset, '!!binary');
  return Buffer.from(packed, 'base64').toString('utf8');
}

/** The key of a JSON object that a scalar key becomes; undefined for null, which cannot be one. */
export function keyOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : shortFloat(value);
  return typeof value === 'boolean' ? String(value) : undefined;
}

/** A float as sigs.k8s.io/yaml writes a key: with the fewest digits that tell 32-bit floats apart (Go's %g). */
function shortFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  const single = Math.fround(value);
  let digits = 1;
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== single) digits++;
  const [mantissa = '', exponent = '0'] = Number(value.toPrecision(digits)).toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(digits)));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
