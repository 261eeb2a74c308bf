import { boolYaml11Tag, CORE_SCHEMA, defineScalarTag, intCoreTag, loadAll, mergeTag, NOT_RESOLVED, type Schema } from 'js-yaml';

const PLAIN_INTEGER = /^[-+]?(?:0|[1-9][0-9]*)$/;
const PREFIXED_INTEGER = /^([-+]?)(?:0x([0-9a-fA-F]+)|0b([01]+)|0o?([0-7]+))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * The number that a plain scalar stands for in sigs.k8s.io/yaml (goyaml.v2 resolve): one of Go's integer literals, or a decimal
 * float. NOT_RESOLVED for other texts.
 */
export function resolveNumber(source: string): number | typeof NOT_RESOLVED {
  if (PLAIN_INTEGER.test(source)) return Number(source);
  const plain = source.includes('_') && !source.startsWith('.') ? source.replaceAll('_', '') : source;
  const prefixed = PREFIXED_INTEGER.exec(plain);
  if (prefixed !== null) {
    const [, sign, hexadecimal, binary, octal] = prefixed;
    const value =
      hexadecimal !== undefined
        ? Number.parseInt(hexadecimal, 16)
        : binary !== undefined
          ? Number.parseInt(binary, 2)
          : Number.parseInt(octal ?? '0', 8);
    return sign === '-' ? -value : value;
  }
  if (!FLOAT.test(plain)) return NOT_RESOLVED;
  const value = Number(plain);
  return Number.isFinite(value) ? value : NOT_RESOLVED;
}

const numberTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: ['-', '+', '.', ...'0123456789'],
  resolve: resolveNumber,
  identify: intCoreTag.identify,
});

/**
 * Plain scalars as Kubernetes reads them (sigs.k8s.io/yaml): `yes`, `on`, `y` are booleans, `014` is 12, `1_000` is 1000,
 * times and dates stay texts, `<<` merges.
 */
export const KUBERNETES_YAML: Schema = CORE_SCHEMA.withTags(mergeTag, boolYaml11Tag, numberTag);

/** The value of one YAML text that stands inside another (an annotation, a key of a ConfigMap). Throws YAMLException. */
export function parseYamlValue(text: string): unknown {
  const values = loadAll(text, { schema: KUBERNETES_YAML });
  return values[0];
}
