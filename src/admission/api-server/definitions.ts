import type { Release } from '../../releases/release.ts';
import { own } from '../../util/object.ts';
import { definitionTexts } from './definitions.gen.ts';
import type { Schema } from './schema.ts';

/** Which of the Gateway API's two sets of definitions a cluster has. */
export type GatewayApiChannel = 'standard' | 'experimental';

/** How a kind is defined in one version. */
export interface Definition {
  readonly schema: Schema;
  /** Whether it has rules in CEL. */
  readonly hasRules: boolean;
}

/** A kind and its group. */
export interface KindName {
  readonly group: string;
  readonly kind: string;
}

/** What a cluster knows of a kind. */
export interface KnownKind {
  /** The versions that are served; empty for a kind that the cluster does not know. */
  readonly versions: Readonly<Record<string, Definition>>;
}

/** The definitions of a cluster: undefined for kinds of groups that are somebody else's. */
export type Definitions = (name: KindName) => KnownKind | undefined;

/** A file of schemas/api-server (scripts/describe-crds.mjs). */
interface DefinitionFile {
  /** By set of definitions and version, where in the list the schema is. */
  readonly served: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly schemas: readonly Schema[];
}

const groups = new Set(Object.keys(definitionTexts).map((name) => name.slice(0, name.indexOf('/'))));

/** Loads the definitions of those kinds that occur. */
export async function loadDefinitions(
  names: readonly KindName[],
  release: Pick<Release, 'version' | 'gatewayApi'>,
  channel: GatewayApiChannel,
): Promise<Definitions> {
  const keys = [...new Set(names.map(keyOf))];
  const sets = [release.version, `${release.gatewayApi} ${channel}`];
  const loaded = await Promise.all(keys.map(async (key) => [key, await loadKind(key, sets)] as const));
  const kinds = new Map(loaded);
  return (name) => (groups.has(name.group) ? (kinds.get(keyOf(name)) ?? { versions: {} }) : undefined);
}

function keyOf({ group, kind }: KindName): string {
  return `${group}/${kind}`;
}

async function loadKind(key: string, sets: readonly string[]): Promise<KnownKind> {
  const load = own(definitionTexts, key);
  if (load === undefined) return { versions: {} };
  // Foreign data enters here: the files are made to this type.
  const { served, schemas } = JSON.parse((await load()).default) as DefinitionFile;
  const definitions = schemas.map((schema) => ({ schema, hasRules: hasRules(schema) }));
  const [versions = {}] = sets.flatMap((set) => own(served, set) ?? []);
  return {
    versions: Object.fromEntries(
      Object.entries(versions).flatMap(([version, index]) => {
        const definition = definitions[index];
        return definition === undefined ? [] : [[version, definition]];
      }),
    ),
  };
}

function hasRules(schema: Schema): boolean {
  if (schema['x-kubernetes-validations'] !== undefined) return true;
  const { properties = {}, additionalProperties, items } = schema;
  return [...Object.values(properties), additionalProperties, items].some((part) => part !== undefined && hasRules(part));
}
