import type { Diagnostic, Path } from '../../../diagnostics/diagnostic.ts';
import { splitApiVersion } from '../../../resource/kinds.ts';
import { writtenRef } from '../../../resource/resource.ts';
import type { SourceDocument } from '../../../source/document.ts';
import { type Fields, own, stringOf } from '../../../util/object.ts';
import { diagnoseError, type ErrorShape } from '../diagnose.ts';
import { strayField } from '../errors.ts';
import { kindNamed, refuseKind } from '../kinds.ts';
import type { ApiServerOptions } from '../options.ts';
import { type GoType, type GoTypes, type GoTypesFile, readGoTypes } from './go-types.ts';
import { admitBuiltIn } from './index.ts';

/** The groups of Kubernetes' own kinds, with the one that those of `apps` and `networking.k8s.io` come from. */
const groups = ['', 'apps', 'batch', 'discovery.k8s.io', 'extensions', 'networking.k8s.io'];

/** What the API server says of an object of a kind of its own; undefined for other kinds. */
export type BuiltInServer = (document: SourceDocument, value: Fields) => readonly Diagnostic[] | undefined;

/** The part of an API server that knows Kubernetes' own kinds. Their types are loaded where one of them occurs. */
export async function createBuiltInServer(
  documents: readonly SourceDocument[],
  unknownFields: ApiServerOptions['unknownFields'],
): Promise<BuiltInServer> {
  if (!documents.map(kindNamed).some(({ group, kind }) => kind !== '' && groups.includes(group))) return () => undefined;
  const { default: text } = await import('../../../../schemas/api-server/kubernetes.json?raw');
  // Foreign data enters here: the file is made to this type.
  const types = readGoTypes(JSON.parse(text) as GoTypesFile);
  return (document, value) => {
    const [apiVersion, kind] = [stringOf(value.apiVersion), stringOf(value.kind)];
    const struct = own(own(types.kinds, apiVersion), kind);
    if (struct === undefined) return refuseVersion(document, value, types);
    const { errors, unknown } = admitBuiltIn(value, struct, types);
    if (errors.length === 0 && unknown.length === 0) return [];
    const subject = { document, resource: writtenRef(value), shape: shapeOfStruct(struct, types) };
    const diagnosed = unknown.map((path) => diagnoseError(strayField(path), subject));
    if (unknownFields === 'strict' && unknown.length > 0) return diagnosed;
    return [...errors.map((error) => diagnoseError(error, subject)), ...diagnosed.map(asWarning)];
  };
}

function asWarning(diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, severity: 'warning' };
}

/** A kind that we know, in a version that is not served any longer. */
function refuseVersion(document: SourceDocument, value: Fields, { kinds }: GoTypes): readonly Diagnostic[] | undefined {
  const [apiVersion, kind] = [stringOf(value.apiVersion), stringOf(value.kind)];
  const served = Object.keys(kinds).filter((version) => own(own(kinds, version), kind) !== undefined);
  if (!groups.includes(splitApiVersion(apiVersion).group) || served.length === 0) return undefined;
  return [refuseKind(document, value, 'apiVersion', { served })];
}

/** What could have been meant in an object of a struct. Errors name the values that there are. */
function shapeOfStruct(struct: string, types: GoTypes): ErrorShape {
  const fieldsAt = (path: Path): readonly string[] => {
    let type: GoType | undefined = { is: 'struct', name: struct, key: struct };
    for (const step of path) {
      if (type?.is === 'struct') type = types.fieldOf(type.key, String(step))?.type;
      else type = type?.is === 'list' || type?.is === 'map' ? type.of : undefined;
    }
    return type?.is === 'struct' ? types.fieldsOf(type.key) : [];
  };
  return { fieldsAt, valuesAt: () => [] };
}
