import type { ServiceSpec } from '../api/kubernetes.ts';
import type { Diagnostic, Path, Report, ResourceRef } from '../diagnostics/diagnostic.ts';
import { gatewayKindNotSupported } from '../diagnostics/problems/gateway-api.ts';
import {
  apiServerRefuses,
  invalidValue,
  laterField,
  laterKind,
  missingField,
  noName,
  notAnObject,
  unknownField,
  unreadableValue,
  versionNotServed,
  wrongType,
} from '../diagnostics/problems/objects.ts';
import type { KindInfo } from '../releases/kinds.ts';
import type { Release } from '../releases/release.ts';
import type { SourceDocument } from '../source/document.ts';
import { isEncrypted } from '../source/templates.ts';
import { createMapping } from '../util/again.ts';
import { memo } from '../util/memo.ts';
import { extended, type Fields, isObject, own } from '../util/object.ts';
import type { DecodeProblem } from '../util/protobuf-json.ts';
import { compareText } from '../util/text.ts';
import { fnv1a } from './addresses.ts';
import { refusalsOf } from './api-server/diagnose.ts';
import { gatewayApiShapes } from './gateway-api-shapes.ts';
import { indexKinds, isDefinition, splitApiVersion } from './kinds.ts';
import { kubernetesShapes, statusShapes } from './kubernetes-shapes.ts';
import { standInOf } from './other-workloads.ts';
import type { Labels, OwnerReference, Resource } from './resource.ts';
import { createSpecDecoder, type SpecDecoder } from './schema-check.ts';
import {
  boolean,
  conform,
  describeType,
  describeValue,
  formatPath,
  list,
  map,
  object,
  required,
  type Shape,
  type ShapeReport,
  text,
} from './shape.ts';
import { createKindComplaint, type KindComplaint } from './unknown-kinds.ts';

/** Groups of kinds that configure gateways; those that mesh does not know among them are worth a word. */
const unsupportedGroups: readonly string[] = [
  'gateway.networking.k8s.io',
  'gateway.networking.x-k8s.io',
  'inference.networking.k8s.io',
];

/** Groups whose kinds come and go with releases of Istio. */
const groupsOfReleases: readonly string[] = ['extensions.istio.io', 'gateway.networking.k8s.io'];

export interface DecodeOptions {
  /** Which kinds, versions and fields there are. */
  readonly release: Release;
  /** The namespace of resources that name none. */
  readonly namespace: string;
  /** The namespace of those of this file, where it is another one. */
  readonly namespaceOf?: (file: string) => string | undefined;
  /** Whether an object without a name is kept, beside being reported. */
  readonly keepNameless?: boolean;
  /**
   * Keeps resources with a word where another one is asked for (a protocol that does not exist), which are reported all the same,
   * so that those who look at how resources hang together do not miss them.
   */
  readonly keepInvalid?: boolean;
  /** Keeps resources that the API server would refuse for their names, ports or addresses, which are reported all the same. */
  readonly keepRefused?: boolean;
  /** Whether nobody needs to hear what the API server says of names, ports and addresses: it is asked elsewhere. */
  readonly isJudged?: boolean;
  /** Reads fields of Istio's kinds by their names in snake_case too, as istiod does; an API server drops them before. */
  readonly readsSnakeCase?: boolean;
}

/** Of the fields whose names have several words, the definitions of Istio's kinds have these in both spellings. */
const namesInSnakeCase: readonly string[] = ['jwks_uri'];

/**
 * The resources among the documents: kinds that mesh knows, checked against their shapes, with namespace and the API
 * server's defaults filled in. Documents of other kinds are passed over; what is wrong is reported and left out.
 */
export function decodeDocuments(documents: readonly SourceDocument[], options: DecodeOptions, report: Report): Resource[] {
  const decode = createDocumentDecoder(options);
  return documents.map((document) => decode(document, report)).filter((resource) => resource !== undefined);
}

/** Decodes one document; undefined for what is passed over or cannot be read. */
export type DocumentDecoder = (document: SourceDocument, report: Report) => Resource | undefined;

/** The decoder of `decodeDocuments` for those who take documents one at a time. */
export function createDocumentDecoder(options: DecodeOptions): DocumentDecoder {
  const kindOf = indexKinds(options.release);
  const decodeSpec = createSpecDecoder(options.release);
  const complaintOfKind = createKindComplaint(options.release);
  const keptCodes = [
    ...(options.keepInvalid === true ? [invalidValue.code] : []),
    ...(options.keepRefused === true ? [apiServerRefuses.code] : []),
  ];
  return (document, report) => decodeDocument(document, { kindOf, complaintOfKind, decodeSpec, options, keptCodes, report });
}

/** What was decoded of a document, and what is wrong with it. */
export interface DecodedDocument {
  readonly resource: Resource | undefined;
  readonly problems: readonly Diagnostic[];
}

/** A decoder of documents that gives the same resource again for a document that it has decoded, as long as what names no namespace is in the same. */
export function createRememberingDecoder({
  namespaceOf: _,
  ...options
}: DecodeOptions): (documents: readonly SourceDocument[], namespaceOf: (file: string) => string) => readonly DecodedDocument[] {
  const decoderIn = memo((namespace: string) => createDocumentDecoder({ ...options, namespace }));
  const decodings = createMapping((document: SourceDocument) => {
    let last: { readonly namespace: string; readonly decoded: DecodedDocument } | undefined;
    return (namespace: string): DecodedDocument => {
      if (last?.namespace === namespace) return last.decoded;
      const problems: Diagnostic[] = [];
      const resource = decoderIn(namespace)(document, (problem) => void problems.push(problem));
      last = { namespace, decoded: { resource, problems } };
      return last.decoded;
    };
  });
  return (documents, namespaceOf) =>
    decodings(documents).map((decode, index) => decode(namespaceOf(documents[index]?.file ?? '')));
}

const metadataShape: Shape = object({
  name: text,
  generateName: text,
  namespace: text,
  labels: map(text),
  annotations: map(text),
  ownerReferences: list(object({ kind: required(text), name: required(text), apiVersion: text, controller: boolean })),
});

interface Metadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly creationTimestamp?: unknown;
}

interface Context {
  readonly kindOf: ReturnType<typeof indexKinds>;
  readonly complaintOfKind: KindComplaint;
  readonly decodeSpec: SpecDecoder;
  readonly options: DecodeOptions;
  /** Problems that cost nothing but a word. */
  readonly keptCodes: readonly string[];
  readonly report: Report;
}

function decodeDocument(document: SourceDocument, context: Context): Resource | undefined {
  const { value } = document;
  const { kindOf, report } = context;
  const passOver = (missing: string): undefined => {
    report(notAnObject({ location: document.locate([]) }, missing));
    return undefined;
  };
  if (!isObject(value)) return passOver(`it is ${describeType(value)}`);
  if (typeof value.kind !== 'string' || value.kind === '') return passOver('it has no kind');
  if (typeof value.apiVersion !== 'string' || value.apiVersion === '') return passOver('it has no apiVersion');
  const { group, version } = splitApiVersion(value.apiVersion);
  const info = kindOf(group, value.kind);
  if (info === undefined) {
    const standIn = standInOf(group, value, document);
    const standInInfo = standIn && kindOf(standIn.group, standIn.kind);
    if (standIn !== undefined && standInInfo !== undefined)
      return decodeObject(standIn.document, standIn.value, standInInfo, 'v1', context);
    const { laterKinds, name } = context.options.release;
    const since = own(laterKinds, value.kind);
    if (since !== undefined && groupsOfReleases.includes(group)) {
      report(laterKind({ location: document.locate(['kind']), path: ['kind'] }, value.kind, since, name));
      return undefined;
    }
    if (unsupportedGroups.includes(group)) {
      const location = document.locate(['kind']);
      report(gatewayKindNotSupported({ location, path: ['kind'] }, value.kind, group));
    }
    const complaint = context.complaintOfKind(group, value.kind, { location: document.locate(['kind']), path: ['kind'] });
    if (complaint !== undefined) report(complaint);
    return undefined;
  }
  if (!info.versions.includes(version)) {
    if (isDefinition(info)) return undefined;
    report(
      versionNotServed({ location: document.locate(['apiVersion']) }, info.kind, value.apiVersion, info.versions.join(', ')),
    );
    return undefined;
  }
  return decodeObject(document, value, info, version, context);
}

function decodeObject(
  document: SourceDocument,
  value: Readonly<Record<string, unknown>>,
  info: KindInfo,
  version: string,
  { decodeSpec, options, keptCodes, report }: Context,
): Resource | undefined {
  let failed = false;
  let isSound = true;
  const written = isObject(value.metadata) ? value.metadata : {};
  const ref: ResourceRef = {
    kind: info.kind,
    name: typeof written.name === 'string' ? written.name : '',
    namespace: typeof written.namespace === 'string' ? written.namespace : '',
  };
  const fail: ShapeReport = (path, make) => {
    const problem = make({ path });
    failed ||= !keptCodes.includes(problem.code);
    isSound &&= !unsound.includes(problem.code);
    report({ ...problem, resource: ref, location: document.locate(path) });
  };
  const read = (shape: Shape | undefined, part: unknown, path: Path): unknown =>
    shape === undefined ? part : conform(shape, part, path, fail);

  const metadata = read(metadataShape, value.metadata ?? {}, ['metadata']) as Metadata;
  const shapes = info.family === 'gateway-api' ? gatewayApiShapes : kubernetesShapes;
  const shape = info.family === 'istio' ? undefined : (own(shapes, info.kind) ?? object({}));
  const readSpec = (): unknown => {
    const snakeCase = options.readsSnakeCase === true ? 'all' : namesInSnakeCase;
    const decoded = info.family === 'istio' ? decodeSpec(info.kind, value.spec ?? {}, { snakeCase }) : undefined;
    if (decoded === undefined) return read(shape ?? object({}), value.spec ?? {}, ['spec']);
    const context = { resource: ref, document, release: options.release };
    for (const problem of decoded.problems) reportSpecProblem(problem, fail, report, context);
    return decoded.value;
  };
  const spec = info.hasSpec ? readSpec() : read(shape, value, []);
  const status = isObject(value.status) ? read(own(statusShapes, info.kind), value.status, ['status']) : undefined;
  const createdAt = readTime(metadata.creationTimestamp, fail);
  if (!isSound) return undefined;
  const name = metadata.name || (options.keepNameless === true ? '' : generatedName(metadata.generateName, value));
  const decoded = {
    kind: info.kind,
    group: info.group,
    version,
    name,
    namespace: info.namespaced ? metadata.namespace || (options.namespaceOf?.(document.file) ?? options.namespace) : '',
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    ...(createdAt !== undefined && { createdAt }),
    ...(metadata.ownerReferences !== undefined && { ownerReferences: metadata.ownerReferences }),
    ...(metadata.generateName !== undefined && { generateName: metadata.generateName }),
    spec,
    ...(status !== undefined && { status }),
    document,
  };
  // Foreign data enters here: the shape or the message of the kind has made its spec and status what the types say.
  const resource = applyDefaults(decoded as Resource);
  const refusals = options.isJudged === true || isEncrypted(document) ? [] : refusalsOf(resource);
  for (const refusal of refusals) report({ ...refusal, resource: ref });
  failed ||= options.keepRefused !== true && refusals.some(({ severity }) => severity === 'error');
  if (name === '') {
    report({ ...noName({ path: ['metadata', 'name'], resource: ref }), location: document.locate(['metadata', 'name']) });
    failed ||= options.keepNameless !== true;
  }
  return failed ? undefined : resource;
}

/** The letters of names that the API server makes up; k8s.io/apimachinery pkg/util/rand. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** A name such as the API server makes up of `generateName`, of which the same object has the same each time; '' where there is none. */
function generatedName(prefix: string | undefined, value: unknown): string {
  if (prefix === undefined || prefix === '') return '';
  const sorted = JSON.stringify(value, (_, part: unknown) => (isObject(part) ? sortedFields(part) : part));
  const hash = fnv1a(sorted);
  const letters = Array.from({ length: 5 }, (_, index) => LETTERS[Math.floor(hash / 27 ** index) % 27]);
  return `${prefix}${letters.join('')}`;
}

/** An object with its fields in one order, whoever wrote them. */
function sortedFields(object: Fields): Fields {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => compareText(a, b)));
}

/** Problems after which the rest of an object is not what its type says. */
const unsound: readonly string[] = [wrongType.code, missingField.code];

/** A field that Istio does not know is ignored by it; a value that it cannot read costs the whole resource. */
function reportSpecProblem(
  problem: DecodeProblem,
  fail: ShapeReport,
  report: Report,
  { resource, document, release }: { resource: ResourceRef; document: SourceDocument; release: Release },
): void {
  const path = ['spec', ...problem.path];
  const suggestions = problem.suggestion === undefined ? [] : [problem.suggestion];
  if (problem.kind === 'bad-value') {
    fail(path, (subject) => unreadableValue(subject, formatPath(path), complaintOf(problem, release), suggestions));
  } else {
    const location = document.locate(path, 'key');
    const since = own(release.laterMembers, problem.member ?? '');
    const field = String(problem.path.at(-1));
    const subject = { path, resource, location };
    report(since === undefined ? unknownField(subject, field, suggestions) : laterField(subject, field, since, release.name));
  }
}

/** What is wrong with a value; of an enum's value that a later release has, also since when it exists. */
export function complaintOf({ message, member = '' }: DecodeProblem, release: Release): string {
  const since = own(release.laterMembers, member);
  return since === undefined ? message : `${message}; it exists from Istio ${since} on`;
}

function readTime(value: unknown, fail: ShapeReport): number | undefined {
  if (value === undefined || value === null) return undefined;
  const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const path = ['metadata', 'creationTimestamp'];
  fail(path, (subject) =>
    invalidValue(subject, 'metadata.creationTimestamp', describeValue(value), 'a time such as 2026-01-01T00:00:00Z'),
  );
  return undefined;
}

/** What the API server fills in beyond the defaults of single fields. */
function applyDefaults(resource: Resource): Resource {
  if (resource.kind === 'Namespace') {
    return { ...resource, labels: { ...resource.labels, 'kubernetes.io/metadata.name': resource.name } };
  }
  if (resource.kind === 'Service') return { ...resource, spec: withTargetPorts(resource.spec) };
  return resource;
}

function withTargetPorts(spec: ServiceSpec): ServiceSpec {
  if (spec.ports === undefined) return spec;
  return {
    ...spec,
    ports: spec.ports.map((port) =>
      port.targetPort === undefined || port.targetPort === 0 || port.targetPort === ''
        ? extended(port, { targetPort: port.port })
        : port,
    ),
  };
}
