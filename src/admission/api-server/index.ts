import type { Diagnostic, ResourceRef } from '../../diagnostics/diagnostic.ts';
import { noMatch } from '../../diagnostics/problems/objects.ts';
import type { Release } from '../../releases/release.ts';
import { splitApiVersion } from '../../resource/kinds.ts';
import type { SourceDocument } from '../../source/document.ts';
import { type Fields, fieldsOf, isObject } from '../../util/object.ts';
import { admit, type CheckRules } from './admit.ts';
import { type Definitions, type GatewayApiChannel, type KindName, type KnownKind, loadDefinitions } from './definitions.ts';
import { diagnoseError } from './diagnose.ts';

export type { GatewayApiChannel } from './definitions.ts';

/** How a cluster is set up, and how it is asked. */
export interface ApiServerOptions {
  readonly release: Release;
  readonly channel: GatewayApiChannel;
  /** What becomes of fields that it does not know: `--validate` of kubectl. */
  readonly unknownFields: 'strict' | 'warn';
}

/** What the API server says of a new object, before any webhook is asked; undefined for kinds that it does not judge here. */
export type ApiServer = (document: SourceDocument) => readonly Diagnostic[] | undefined;

/** Kubernetes' API server with the definitions of Istio and of the Gateway API, for those kinds of them that occur. */
export async function createApiServer(documents: readonly SourceDocument[], options: ApiServerOptions): Promise<ApiServer> {
  const { release, channel, unknownFields } = options;
  const definitions = await loadDefinitions(documents.map(kindOf), release, channel);
  const checkRules: CheckRules = () => [];
  return (document) => {
    const { value } = document;
    if (!isObject(value)) return undefined;
    const found = definitionOf(value, definitions);
    if (found === undefined) return undefined;
    const { known, version } = found;
    const definition = known?.versions.get(version);
    if (definition === undefined) return [refuseKind(document, value, found)];
    const { errors, warnings } = admit(value, definition, { unknownFields, checkRules });
    const experimental = channel === 'standard' ? known?.experimental.get(version)?.schema : undefined;
    const subject = { document, resource: refOf(value), schema: definition.schema, experimental };
    return [
      ...errors.map((error) => diagnoseError(error, subject)),
      ...warnings.map((warning) => ({ ...diagnoseError(warning, subject), severity: 'warning' as const })),
    ];
  };
}

/** The kind that a document names. */
function kindOf({ value }: SourceDocument): KindName {
  const { apiVersion, kind } = fieldsOf(value);
  return { group: splitApiVersion(textOf(apiVersion)).group, kind: textOf(kind) };
}

interface FoundKind {
  /** Undefined where it has no name. */
  readonly known: KnownKind | undefined;
  readonly version: string;
}

function definitionOf(value: Fields, definitions: Definitions): FoundKind | undefined {
  const [apiVersion, kind] = [textOf(value.apiVersion), textOf(value.kind)];
  const { group, version } = splitApiVersion(apiVersion);
  if (apiVersion !== '' && kind !== '') {
    const known = definitions({ group, kind });
    return known && { known, version };
  }
  // Of what is meant to be an object, a half of its kind is missing.
  const isMeant = (apiVersion !== '' || kind !== '') && isObject(value.metadata) && isObject(value.spec);
  return isMeant ? { known: undefined, version } : undefined;
}

function refuseKind(document: SourceDocument, value: Fields, { known, version }: FoundKind): Diagnostic {
  const [apiVersion, kind] = [textOf(value.apiVersion), textOf(value.kind)];
  const isServed = known !== undefined && known.versions.size > 0;
  const path = [isServed || apiVersion === '' ? 'apiVersion' : 'kind'];
  const subject = { path, resource: refOf(value), location: document.locate(path) };
  const served = [...(known?.versions.keys() ?? [])];
  const diagnostic = noMatch(subject, kind, apiVersion, served, known?.experimental.has(version) === true);
  return { ...diagnostic, apiServer: { field: undefined, message: diagnostic.message } };
}

function refOf({ kind, metadata }: Fields): ResourceRef {
  const { name, namespace } = fieldsOf(metadata);
  return { kind: textOf(kind), name: textOf(name), namespace: textOf(namespace) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
