import type { ResourceChange } from '../../diff/compare.ts';
import type { Difference, JsonPath } from '../../diff/differences.ts';
import type { DriftReport } from '../../operations/drift/drift.ts';
import { assertNever } from '../../util/assert.ts';
import type { Origin } from '../../util/origin.ts';
import { printedJson } from '../escape/json.ts';
import { printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';
import { originWords } from '../origin-words.ts';

const words: Readonly<Record<ResourceChange['type'], string>> = {
  clusters: 'cluster',
  endpoints: 'endpoints of',
  listeners: 'listener',
  routes: 'route configuration',
  extensionConfigs: 'extension',
};

const VALUE_LENGTH = 200;

/** A report as text: a block for each resource that differs, and a line with the sum. */
export function formatDriftText({ proxy, changes, endpoints }: DriftReport): Printable {
  const made = (origin: Origin | undefined): string => (origin === undefined ? '' : `  (${originWords(origin)})`);
  const blocks = changes.flatMap((change): readonly string[] => {
    const name = `${words[change.type]} ${change.name}`;
    switch (change.kind) {
      case 'added':
        return [`+ ${name}: only the proxy has it`];
      case 'removed':
        return [`- ${name}: the proxy lacks it${made(change.beforeOrigin)}`];
      case 'changed':
        return [
          `~ ${name}`,
          ...change.differences.map((difference) => `    ${differenceText(difference)}${made(difference.beforeOrigin)}`),
        ];
      default:
        return assertNever(change);
    }
  });
  const count = (kind: ResourceChange['kind']): number => changes.filter((change) => change.kind === kind).length;
  const sum =
    changes.length === 0
      ? `${proxy}: no drift`
      : `${proxy}: ${count('changed')} changed, ${count('added')} only in the proxy, ${count('removed')} missing in the proxy`;
  return printedLines([...blocks, ...notesOn(endpoints).map((note) => `note: ${note}`), sum]);
}

/** What was not compared although it was asked for. */
function notesOn(endpoints: DriftReport['endpoints']): readonly string[] {
  return endpoints === 'not-in-dump' ? ['endpoints are not compared: the dump was made without include_eds'] : [];
}

function differenceText({ kind, where, before, after }: Difference): string {
  switch (kind) {
    case 'added':
      return `+ ${where}: ${short(after)}`;
    case 'removed':
      return `- ${where}: ${short(before)}`;
    case 'moved':
      return `> ${where}: place ${Number(before) + 1} by the manifests, ${Number(after) + 1} in the proxy`;
    case 'changed':
      return `~ ${where}: ${short(before)} by the manifests, ${short(after)} in the proxy`;
    default:
      return assertNever(kind);
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH)}... (${text.length} characters)`;
}

/** A report as JSON; paths are JSON paths, into the proxy's resource except for what it lacks. */
export function formatDriftJson({ proxy, changes, endpoints }: DriftReport): Printable {
  const made = (origin: Origin | undefined): object => (origin === undefined ? {} : { origin: originWords(origin) });
  const sides = (before: unknown, after: unknown): object => ({
    ...(before !== undefined && { manifests: before }),
    ...(after !== undefined && { proxy: after }),
  });
  const drift = changes.map((change): object => {
    const head = { type: change.type, name: change.name, change: change.kind };
    switch (change.kind) {
      case 'added':
        return { ...head, ...sides(undefined, change.after) };
      case 'removed':
        return { ...head, ...sides(change.before, undefined), ...made(change.beforeOrigin) };
      case 'changed':
        return {
          ...head,
          differences: change.differences.map(({ kind, path, where, before, after, beforeOrigin }) => ({
            change: kind,
            path: jsonPath(path),
            where,
            ...sides(before, after),
            ...made(beforeOrigin),
          })),
        };
      default:
        return assertNever(change);
    }
  });
  return printedJson({ proxy, drift, notes: notesOn(endpoints) });
}

/** `$.virtualHosts[0].routes[1]`, RFC 9535. */
function jsonPath(path: JsonPath): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    return /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `['${step.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`;
  });
  return `$${steps.join('')}`;
}
