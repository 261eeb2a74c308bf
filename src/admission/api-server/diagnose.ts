import type { Diagnostic, Path, ResourceRef } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/did-you-mean.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import { apiServerRefuses, experimentalField, unknownField } from '../../diagnostics/problems/objects.ts';
import type { SourceDocument } from '../../source/document.ts';
import { nearest, nearestNames } from '../../util/nearest.ts';
import { own } from '../../util/object.ts';
import type { ApiServerError } from './errors.ts';
import type { Schema } from './schema.ts';

/** What an error is about. */
export interface ErrorSubject {
  readonly document: SourceDocument;
  readonly resource: ResourceRef;
  readonly shape: ErrorShape;
  /** The schema of the experimental channel, where the object is not judged by it. */
  readonly experimental?: Schema | undefined;
}

/** What could have been meant. */
export interface ErrorShape {
  /** The names that the fields of the value at a path can have. */
  readonly fieldsAt: (path: Path) => readonly string[];
  /** The values that there are at a path. */
  readonly valuesAt: (path: Path) => readonly unknown[];
}

/** What could have been meant in an object of a schema. */
export function shapeOfSchema(schema: Schema): ErrorShape {
  return {
    fieldsAt: (path) => (path[0] === 'metadata' ? fieldsOfMetadata : Object.keys(schemaAt(schema, path)?.properties ?? {})),
    valuesAt: (path) => schemaAt(schema, path)?.enum ?? [],
  };
}

/** An error of the API server with its place and what may have been meant. */
export function diagnoseError(error: ApiServerError, subject: ErrorSubject): Diagnostic {
  const { field, type, message, path } = error;
  const { document, resource } = subject;
  if (type === 'StrictDecoding' && field !== undefined) {
    const place: Subject = { path, resource, location: document.locate(path, 'key') };
    const problem = unknownFieldProblem(field, path, place, subject);
    return { ...problem, apiServer: { field, message: problem.message } };
  }
  const place: Subject = { path, resource, location: document.locate(path, error.on) };
  const words = `${message}${didYouMean(meantValues(error, subject))}`;
  return { ...apiServerRefuses(place, field, shortened(words)), apiServer: { field, message: words } };
}

const LONGEST_WORD = 300;

/** For people, without the most of a long value: the API server says all of it. */
function shortened(words: string): string {
  if (words.length < LONGEST_WORD) return words;
  const parts = words.split(' ').map((word) => (word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}...` : word));
  return parts.join(' ');
}

function unknownFieldProblem(field: string, path: Path, place: Subject, { shape, experimental }: ErrorSubject): Diagnostic {
  if (experimental !== undefined && schemaAt(experimental, path) !== undefined) return experimentalField(place, field);
  const written = String(path.at(-1));
  const names = shape.fieldsAt(path.slice(0, -1));
  const best = nearest(written, names);
  return unknownField(place, field, best === undefined ? nearestNames(written, names, 1) : [best]);
}

const fieldsOfMetadata = ['name', 'generateName', 'namespace', 'labels', 'annotations', 'ownerReferences', 'finalizers'];

/** The values of an enum that are most like a written one. */
function meantValues({ type, path }: ApiServerError, { document, shape }: ErrorSubject): readonly string[] {
  if (type !== 'FieldValueNotSupported') return [];
  const written = path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? own(value as Record<string, unknown>, String(step)) : undefined,
    document.value,
  );
  const values = shape.valuesAt(path).filter((value) => typeof value === 'string');
  const best = typeof written === 'string' ? nearest(written, values) : undefined;
  return best === undefined ? [] : [best];
}

/** The schema of the value at a path. */
function schemaAt(schema: Schema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>(
    (part, step) => (typeof step === 'number' ? part?.items : (own(part?.properties, step) ?? part?.additionalProperties)),
    schema,
  );
}
