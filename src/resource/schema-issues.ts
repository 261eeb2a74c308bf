import type { z } from 'zod';
import type { Path, Report } from '../diagnostics/diagnostic.ts';
import { invalidValue, missingField, unknownField, wrongType } from '../diagnostics/problems/objects.ts';
import type { SourceDocument } from '../source/document.ts';
import { nearestNames } from '../util/nearest.ts';
import { own } from '../util/object.ts';
import { describeValue, formatPath } from './shape.ts';

/** What a schema says of a value. */
export type SchemaIssue = z.core.$ZodIssue;

/** The file whose document does not fit its schema. */
export interface SchemaSubject {
  readonly document: SourceDocument;
  /** What the document is, for people. */
  readonly name: string;
  /** The fields that there are at a path, to tell the nearest. */
  readonly knownKeys: (path: Path) => readonly string[];
}

/**
 * Reports in our own words and places how a document of one of our own files does not fit its schema. Where a schema says more than
 * that a value is of a type, its message is what the value must be.
 */
export function reportSchemaIssues(issues: readonly SchemaIssue[], subject: SchemaSubject, report: Report): void {
  for (const issue of issues) reportIssue(issue, subject, report, []);
}

function reportIssue(issue: SchemaIssue, subject: SchemaSubject, report: Report, above: Path): void {
  const { document, name, knownKeys } = subject;
  const path: Path = [...above, ...(issue.path as (string | number)[])];
  const place = { location: document.locate(path), path };
  const field = formatPath(path) || name;
  const value = path.reduce<unknown>(
    (parent, segment) =>
      // Of lists too: an index is a name as any other.
      typeof parent === 'object' && parent !== null ? own(parent as Record<string, unknown>, String(segment)) : undefined,
    document.value,
  );
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        const keyPath = [...path, key];
        const keyPlace = { location: document.locate(keyPath, 'key'), path: keyPath };
        report(unknownField(keyPlace, formatPath(keyPath), nearestNames(key, knownKeys(path))));
      }
      return;
    case 'invalid_union':
      for (const inner of mostTelling(issue.errors)) reportIssue(inner, subject, report, path);
      return;
    case 'invalid_type':
      if (value === undefined) report(missingField(place, field));
      else report(wrongType(place, field, expectedType(issue), describeValue(value)));
      return;
    default:
      report(invalidValue(place, field, describeValue(value), issue.message));
  }
}

/** Of the ways in which a value fits none of some alternatives, the one that got farthest. */
function mostTelling(alternatives: readonly (readonly SchemaIssue[])[]): readonly SchemaIssue[] {
  const depth = (issues: readonly SchemaIssue[]): number =>
    issues
      .map(({ path, code }) => path.length * 2 + (code === 'invalid_type' && path.length === 0 ? 0 : 1))
      .reduce((deepest, one) => Math.max(deepest, one), 0);
  return [...alternatives].sort((a, b) => depth(b) - depth(a))[0] ?? [];
}

function expectedType({ message, expected }: SchemaIssue & { readonly expected: string }): string {
  return message.startsWith('Invalid ') ? (own(expectedTypes, expected) ?? expected) : message;
}

const expectedTypes: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
