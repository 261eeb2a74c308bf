import type { Release } from '../../releases/release.ts';
import { memo } from '../../util/memo.ts';
import { own } from '../../util/object.ts';
import { definitionTexts } from './definitions.gen.ts';
import type { GatewayApiChannel } from './options.ts';
import type { Schema } from './schema.ts';

/** The groups in which there is a kind of a name. */
export function groupsWith(kind: string): readonly string[] {
  const suffix = `/${kind}`;
  return Object.keys(definitionTexts).flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));
}

/** How a kind is defined in one version. */
export interface KindDefinition {
  readonly schema: Schema;
  /** Whether it has rules in CEL. */
  readonly hasRules: boolean;
  /** Whether it fills in what is not written. */
  readonly hasDefaults: boolean;
  /** Whether it has lists in which nothing may stand twice. */
  readonly hasListTypes: boolean;
}

/** A kind and its group. */
export interface DefinedKind {
  readonly group: string;
  readonly kind: string;
}

/** What a cluster knows of a kind. */
export interface KnownKind {
  /** By name, the versions that are served; empty for a kind that the cluster does not know. */
  readonly versions: ReadonlyMap<string, KindDefinition>;
  /** Those that are served where there are the definitions of the experimental channel. */
  readonly experimental: ReadonlyMap<string, KindDefinition>;
}

/** The definitions of a cluster: undefined for kinds of groups that are somebody else's. */
export type Definitions = (name: DefinedKind) => KnownKind | undefined;

/** A file of schemas/api-server (scripts/describe-crds.mjs). */
interface DefinitionFile {
  /** By set of definitions and version, where in the list the schema is. */
  readonly served: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly schemas: readonly Schema[];
}

/** The names of the kinds of a group, in any set of definitions. */
export function definedKinds(group: string): readonly string[] {
  const prefix = `${group}/`;
  return Object.keys(definitionTexts).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

const unknownKind: KnownKind = { versions: new Map(), experimental: new Map() };

/** Loads the definitions of those kinds that occur. */
export async function loadDefinitions(
  names: readonly DefinedKind[],
  { version, gatewayApi }: Pick<Release, 'version' | 'gatewayApi'>,
  channel: GatewayApiChannel,
): Promise<Definitions> {
  const setsOf = (one: GatewayApiChannel): readonly string[] => [version, `${gatewayApi} ${one}`];
  const kinds = new Map<string, KnownKind>();
  const load = async (key: string): Promise<void> => {
    const text = await own(definitionTexts, key)?.();
    if (text !== undefined) kinds.set(key, readKind(text.default, setsOf(channel), setsOf('experimental')));
  };
  await Promise.all([...new Set(names.map(keyOf))].map(load));
  const groups = new Set(Object.keys(definitionTexts).map((name) => name.slice(0, name.indexOf('/'))));
  return (name) => (groups.has(name.group) ? (kinds.get(keyOf(name)) ?? unknownKind) : undefined);
}

function keyOf({ group, kind }: DefinedKind): string {
  return `${group}/${kind}`;
}

function readKind(text: string, sets: readonly string[], experimentalSets: readonly string[]): KnownKind {
  // Foreign data enters here: the files are made to this type.
  const { served, schemas } = JSON.parse(text) as DefinitionFile;
  const definitionOf = memo((index: number) => {
    const schema = schemas[index] ?? {};
    return {
      schema,
      hasRules: hasPart(schema, (part) => part['x-kubernetes-validations'] !== undefined),
      hasDefaults: hasPart(schema, (part) => part.default !== undefined),
      hasListTypes: hasPart(schema, (part) => ['map', 'set'].includes(part['x-kubernetes-list-type'] ?? '')),
    };
  });
  const versionsIn = (names: readonly string[]): ReadonlyMap<string, KindDefinition> => {
    const found = names.map((name) => own(served, name)).find((versions) => versions !== undefined);
    return new Map(Object.entries(found ?? {}).map(([version, index]) => [version, definitionOf(index)]));
  };
  return { versions: versionsIn(sets), experimental: versionsIn(experimentalSets) };
}

/** Whether a schema or a part of it is such a one. */
function hasPart(schema: Schema, isSuch: (part: Schema) => boolean): boolean {
  if (isSuch(schema)) return true;
  const { properties = {}, additionalProperties, items } = schema;
  return [...Object.values(properties), additionalProperties, items].some((part) => part !== undefined && hasPart(part, isSuch));
}
