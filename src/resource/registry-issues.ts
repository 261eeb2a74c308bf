import type { z } from 'zod';
import { invalidValue, missingField, unknownField, wrongType } from '../diagnostics/catalog.ts';
import type { Path, Report } from '../diagnostics/diagnostic.ts';
import type { SourceDocument } from '../source/document.ts';
import { nearestNames } from '../util/nearest.ts';
import { own } from '../util/object.ts';
import { describeValue, formatPath } from './shape.ts';

type Issue = z.core.$ZodIssue;

/** Of the ways in which a value fits none of some alternatives, the one that got farthest. */
function mostTelling(alternatives: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]): number =>
    Math.max(
      0,
      ...issues.map((issue) => issue.path.length * 2 + (issue.code === 'invalid_type' && issue.path.length === 0 ? 0 : 1)),
    );
  return [...alternatives].sort((a, b) => depth(b) - depth(a))[0] ?? [];
}

/** Reports what the schema of the registry file says of it. */
export function reportRegistryIssue(issue: Issue, document: SourceDocument, report: Report, above: Path = []): void {
  const path: Path = [...above, ...(issue.path as (string | number)[])];
  const subject = { location: document.locate(path), path };
  const field = formatPath(path) || 'the registry';
  const value = path.reduce<unknown>(
    (parent, segment) =>
      // Of lists too: an index is a name as any other.
      typeof parent === 'object' && parent !== null ? own(parent as Record<string, unknown>, String(segment)) : undefined,
    document.value,
  );
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const keyPath = [...path, key];
      const known = knownKeys(path);
      report(
        unknownField({ location: document.locate(keyPath, 'key'), path: keyPath }, formatPath(keyPath), nearestNames(key, known)),
      );
    }
  } else if (issue.code === 'invalid_union') {
    for (const inner of mostTelling(issue.errors)) reportRegistryIssue(inner, document, report, path);
  } else if (issue.code === 'invalid_type') {
    if (value === undefined) report(missingField(subject, field));
    else report(wrongType(subject, field, expectedTypes[issue.expected] ?? issue.expected, describeValue(value)));
  } else
    report(invalidValue(subject, field, describeValue(value), issue.message.replace(/^Invalid (string|option|input): /, '')));
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

const keysAt: Readonly<Record<string, readonly string[]>> = {
  '': ['namespaces', 'services', 'workloads'],
  namespaces: ['name', 'labels'],
  services: ['name', 'namespace', 'ports', 'selector', 'endpoints', 'clusterIP', 'externalName', 'labels', 'annotations'],
  'services.ports': ['name', 'port', 'targetPort', 'protocol', 'appProtocol'],
  'services.endpoints': ['address', 'ready', 'zone'],
  workloads: [
    'name',
    'namespace',
    'labels',
    'annotations',
    'replicas',
    'addresses',
    'ports',
    'serviceAccount',
    'sidecar',
    'gateway',
    'ready',
    'locality',
    'network',
  ],
  'workloads.ports': ['name', 'port', 'protocol'],
};

function knownKeys(path: Path): readonly string[] {
  return own(keysAt, path.filter((segment) => typeof segment === 'string').join('.')) ?? [];
}
