import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nastyText, nastyValue } from './dictionary.ts';
import type { Random } from './random.ts';

/** A part of a JSON schema, as far as it is read here. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** Makes values that fit the schemas of Istio's kinds, more or less. */
export interface SchemaValues {
  /** A field that may stand in the object at a path of a resource of a kind, and a value for it; undefined where nothing is known. */
  field(kind: string, path: readonly (string | number)[], random: Random): readonly [name: string, value: unknown] | undefined;
}

/** Reads the schemas of a folder: `<Kind>.schema.json`. */
export function readSchemas(folder: string): SchemaValues {
  const files = new Map<string, Schema>(
    readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Schema]),
  );

  const resolve = (schema: Schema, file: string): { schema: Schema; file: string } => {
    if (schema.$ref === undefined) return { schema, file };
    const [named = '', pointer = ''] = schema.$ref.split('#');
    const target = named === '' ? file : named;
    const found = files.get(target)?.$defs?.[pointer.replace('/$defs/', '')];
    return found === undefined ? { schema: {}, file: target } : resolve(found, target);
  };

  const schemaAt = (kind: string, path: readonly (string | number)[]): { schema: Schema; file: string } | undefined => {
    const file = `${kind}.schema.json`;
    const root = files.get(file);
    let at = root && { schema: root, file };
    for (const segment of path) {
      if (at === undefined) return undefined;
      const { schema } = at;
      const map = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
      const next = typeof segment === 'number' ? schema.items : (schema.properties?.[segment] ?? map);
      at = next && resolve(next, at.file);
    }
    return at;
  };

  const valueOf = (given: Schema, from: string, random: Random, depth: number): unknown => {
    const { schema, file } = resolve(given, from);
    const choices = schema.anyOf ?? (schema.properties === undefined ? schema.oneOf : undefined);
    if (choices !== undefined && choices.length > 0) return valueOf(random.pick(choices), file, random, depth);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return random.chance(0.9) ? random.pick(schema.enum) : random.below(20);
    switch (schema.type) {
      case 'array': {
        const count = depth <= 0 ? 0 : 1 + random.below(2);
        return Array.from({ length: count }, () => valueOf(schema.items ?? {}, file, random, depth - 1));
      }
      case 'object':
        return objectOf(schema, file, random, depth);
      case 'boolean':
        return random.chance(0.5);
      case 'integer':
      case 'number':
        return random.pick([0, 1, 2, 3, 80, 443, 8080, 9080, 100, 65535, 70000, -1]);
      case 'string':
        return random.chance(0.5) ? random.pick(plausible) : nastyText(random);
      default:
        return random.chance(0.5) ? random.pick(plausible) : nastyValue(random);
    }
  };

  const objectOf = (schema: Schema, file: string, random: Random, depth: number): Record<string, unknown> => {
    const names = Object.keys(schema.properties ?? {});
    if (names.length === 0) {
      if (typeof schema.additionalProperties !== 'object' || depth <= 0) return {};
      return { [random.pick(plausible)]: valueOf(schema.additionalProperties, file, random, depth - 1) };
    }
    const chosen = random.shuffle(names).slice(0, depth <= 0 ? 1 : 1 + random.below(3));
    return Object.fromEntries(chosen.map((name) => [name, valueOf(schema.properties?.[name] ?? {}, file, random, depth - 1)]));
  };

  return {
    field(kind, path, random) {
      const at = schemaAt(kind, path);
      const names = Object.keys(at?.schema.properties ?? {});
      if (at === undefined || names.length === 0) return undefined;
      const name = random.pick(names);
      return [name, valueOf(at.schema.properties?.[name] ?? {}, at.file, random, 4)];
    },
  };
}

/** Texts that something somewhere means. */
const plausible: readonly string[] = [
  'reviews',
  'reviews.default.svc.cluster.local',
  'v1',
  'app',
  'http',
  '/api',
  '5s',
  '0.5s',
  '10%',
  'x-user',
  'default',
  'mesh',
  '*',
  '.',
  '10.0.0.1',
  '10.0.0.0/16',
  'GET',
  '200-299',
  'gateway-error',
  'abc.*',
  'https://example.com/keys',
  'example.com',
  'secret',
];
