import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { type KindHint, noMatch } from '../../diagnostics/problems/objects.ts';
import { kindUnknown } from '../../diagnostics/problems/repositories.ts';
import { splitApiVersion } from '../../resource/kinds.ts';
import { writtenRef } from '../../resource/resource.ts';
import { createKindComplaint } from '../../resource/unknown-kinds.ts';
import type { SourceDocument } from '../../source/document.ts';
import { nearestNames } from '../../util/nearest.ts';
import { type Fields, fieldsOf, isObject, stringOf } from '../../util/object.ts';
import { type DefinedKind, type Definitions, definedKinds, groupsWith, type KindDefinition } from './definitions.ts';
import type { ApiServerOptions } from './options.ts';

/** By what an object is judged, or why it is by nothing. */
export type ResolvedKind =
  | {
      readonly definition: KindDefinition;
      /** What the experimental channel of the Gateway API has instead. */
      readonly experimental: KindDefinition | undefined;
    }
  | Refused;

interface Refused {
  readonly refusal: Diagnostic;
}

/** Finds the definition of an object; undefined for kinds that are somebody else's. */
export type KindResolver = (document: SourceDocument, value: Fields) => ResolvedKind | undefined;

/** As kubectl finds the kind of an object in what the API server serves. */
export function createKindResolver(
  definitions: Definitions,
  { release, isChannelSure }: Pick<ApiServerOptions, 'release' | 'isChannelSure'>,
): KindResolver {
  const complaintOfKind = createKindComplaint(release);
  return (document, value) => {
    const { apiVersion, kind } = namesOf(value);
    const { group, version } = splitApiVersion(apiVersion);
    const refuse = (field: 'apiVersion' | 'kind', hint: KindHint): Refused => ({
      refusal: refuseKind(document, value, field, hint),
    });
    if (apiVersion === '' || kind === '') {
      // What is meant to be an object, and names its kind by half.
      const isMeant = apiVersion !== kind && isObject(value.metadata) && isObject(value.spec);
      return isMeant ? refuse(kind === '' ? 'kind' : 'apiVersion', {}) : undefined;
    }
    const known = definitions({ group, kind });
    if (known === undefined) {
      const isMeant = complaintOfKind(group, kind, {})?.code === kindUnknown.code;
      return isMeant ? refuse('kind', { suggestions: groupsWith(kind).map((name) => `${name}/${kind}`) }) : undefined;
    }
    const { versions, experimental } = known;
    const definition = versions.get(version);
    if (definition !== undefined) return { definition, experimental: experimental.get(version) };
    if (versions.size === 0) {
      const others = definedKinds(group).filter((name) => name !== kind);
      if (!experimental.has(version)) return refuse('kind', { suggestions: nearestNames(kind, others, 1) });
      const { refusal } = refuse('kind', { isExperimental: true });
      // Who has such an object is likely to have the channel too, where nobody says otherwise.
      return { refusal: isChannelSure ? refusal : { ...refusal, severity: 'info' } };
    }
    const served = [...versions.keys()].map((one) => `${group}/${one}`);
    return refuse('apiVersion', { served, isExperimental: experimental.has(version) });
  };
}

/** What kubectl says of an object whose kind and version the API server does not serve. */
export function refuseKind(document: SourceDocument, value: Fields, field: 'apiVersion' | 'kind', hint: KindHint): Diagnostic {
  const { apiVersion, kind } = namesOf(value);
  const subject = { path: [field], resource: writtenRef(value), location: document.locate([field]) };
  const { message } = noMatch(subject, kind, apiVersion, hint);
  const missing = apiVersion === '' ? 'apiVersion' : kind === '' ? 'kind' : undefined;
  const problem =
    missing === undefined ? noMatch(subject, kind, apiVersion, hint) : noMatch(subject, kind, apiVersion, { missing });
  return { ...problem, apiServer: { field: undefined, message } };
}

/** The kinds and versions that documents name, each once. */
export function kindsAmong(documents: readonly SourceDocument[]): readonly string[] {
  const names = new Set<string>();
  for (const { value } of documents) {
    const { apiVersion, kind } = namesOf(fieldsOf(value));
    names.add(`${apiVersion} ${kind}`);
  }
  return [...names].sort();
}

/** The kind that a document names. */
export function kindNamed({ value }: SourceDocument): DefinedKind {
  const { apiVersion, kind } = namesOf(fieldsOf(value));
  return { group: splitApiVersion(apiVersion).group, kind };
}

function namesOf({ apiVersion, kind }: Fields): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: stringOf(apiVersion), kind: stringOf(kind) };
}
