import type { Diagnostic, ResourceRef } from '../diagnostics/diagnostic.ts';
import { notAnObject, onlyNoted } from '../diagnostics/problems/objects.ts';
import { createDocumentDecoder, type DecodeOptions } from '../resource/decode.ts';
import { type Resource, refOf } from '../resource/resource.ts';
import { describeType, formatPath } from '../resource/shape.ts';
import type { SourceDocument } from '../source/document.ts';
import { isObject } from '../util/object.ts';
import { createResourceValidator, type ValidatedResource, validateObject } from './index.ts';

/** A document with all that is wrong with it. */
export interface CheckedDocument {
  /** What it decodes to, where mesh knows its kind and can read it. */
  readonly resource: Resource | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a document by itself. */
export type DocumentValidator = (document: SourceDocument) => CheckedDocument;

/**
 * A validator of documents with the verdicts of istioctl's validate: what it refuses is an error. Names, ports and addresses that the
 * API server refuses are errors too, and the rest that only it asks for are notes. A resource that cannot be read in full is not
 * checked further, since what is missing would be complained about a second time.
 */
export function createDocumentValidator(options: Pick<DecodeOptions, 'release' | 'namespace'>): DocumentValidator {
  const { release, namespace } = options;
  const decode = createDocumentDecoder({ release, namespace, keepNameless: true, keepRefused: true });
  const validate = createResourceValidator();
  return (document) => {
    const { value } = document;
    if (!isObject(value)) {
      const problem = notAnObject({ location: document.locate([]) }, `it is ${describeType(value)}`);
      return { resource: undefined, diagnostics: [{ ...problem, severity: 'error' }] };
    }
    const decoding: Diagnostic[] = [];
    const resource = decode(document, (diagnostic) => void decoding.push(diagnostic));
    const subject = { document, resource: resource === undefined ? nameOf(value) : refOf(resource) };
    const found = decoding.map((diagnostic) =>
      isForWebhook(diagnostic, value) || diagnostic.apiServer ? diagnostic : asNote(diagnostic),
    );
    const written = diagnose(validateObject(document, release), subject);
    const diagnostics = [...found, ...written];
    if (resource === undefined || diagnostics.some(isErrorOfIstio)) return { resource, diagnostics };
    return { resource, diagnostics: [...diagnostics, ...diagnose(validate(resource), subject)] };
  };
}

/** Codes of what keeps mesh from looking at an object, and istiod not. */
const overlooked: readonly string[] = ['MESH0005', 'MESH0006', 'MESH0009'];

/** Whether Istio itself sees the problem: of its own kinds it sees everything that decoding finds, but for those. */
function isForWebhook({ code }: Diagnostic, { apiVersion }: Readonly<Record<string, unknown>>): boolean {
  if (overlooked.includes(code) || typeof apiVersion !== 'string') return false;
  return /^(networking|security|telemetry|extensions)\.istio\.io\//.test(apiVersion);
}

/** An error for which Istio itself refuses a resource, as opposed to one that keeps it from being asked. */
export function isErrorOfIstio({ severity, apiServer }: Diagnostic): boolean {
  return severity === 'error' && apiServer === undefined;
}

function asNote(diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, severity: 'info' };
}

/** What an object that is not decoded calls itself. */
function nameOf({ kind, metadata }: Readonly<Record<string, unknown>>): ResourceRef {
  const { name, namespace } = isObject(metadata) ? metadata : {};
  const textOf = (part: unknown): string => (typeof part === 'string' ? part : '');
  return { kind: textOf(kind), name: textOf(name), namespace: textOf(namespace) };
}

/** The codes of Istio's schema analyzer, which says the same things. */
const codes = { error: 'IST0106', warning: 'IST0133', note: onlyNoted.code } as const;

/** Findings as diagnostics, with their places in the document. */
export function diagnose(
  { errors, warnings, notes }: ValidatedResource,
  { document, resource }: { readonly document: SourceDocument; readonly resource: ResourceRef },
): readonly Diagnostic[] {
  return [...errors, ...warnings, ...notes].map(({ severity, path, message, reportedAs }) => ({
    code: reportedAs?.code ?? codes[severity],
    severity: severity === 'note' ? 'info' : severity,
    message: `${formatPath(path)}: ${message}`,
    path,
    resource,
    location: document.locate(path),
  }));
}
