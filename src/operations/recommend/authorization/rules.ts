import type { Operation, Rule } from '../../../api/istio.gen.ts';
import { groupBy } from '../../../util/collections.ts';
import { compareText } from '../../../util/text.ts';
import type { NeededAdmission } from './admissions.ts';
import type { ProbedPort } from './advice.ts';

/** How exactly policies say what is let in: ports, methods there, paths there. */
export type Precision = 'ports' | 'methods' | 'paths';

/** Past so many paths below one folder, all of the folder is let in: they are values, not places. */
const MOST_PATHS = 10;

/** The rules that let these in and nobody else; callers who need the same are one rule. */
export function rulesFor(
  admissions: readonly NeededAdmission[],
  precision: Precision,
  probes: readonly ProbedPort[],
): readonly Rule[] {
  const needs = [...groupBy(admissions, ({ principal }) => principal ?? '')].map(([principal, all]) => ({
    principal,
    operations: operationsFor(all, precision),
  }));
  const alike = [...groupBy(needs, ({ operations }) => JSON.stringify(operations)).values()];
  const rules = alike.map((group): { readonly key: string; readonly rule: Rule } => {
    const principals = group.map(({ principal }) => principal).sort(compareText);
    const operations = group[0]?.operations ?? [];
    return {
      key: principals.join(' '),
      rule: { from: [{ source: { principals } }], to: operations.map((operation) => ({ operation })) },
    };
  });
  return [
    ...rules.sort((a, b) => compareText(a.key, b.key)).map(({ rule }) => rule),
    ...probes.map(
      ({ port, path, method }): Rule => ({ to: [{ operation: { ports: [String(port)], methods: [method], paths: [path] } }] }),
    ),
  ];
}

/** What one caller needs, port by port; ports with the same needs are one operation. */
function operationsFor(admissions: readonly NeededAdmission[], precision: Precision): readonly Operation[] {
  const byPort = [...groupBy(admissions, ({ port }) => port)].sort(([a], [b]) => a - b);
  const operations = byPort.flatMap(([port, all]) =>
    operationsOfPort(all.map(({ operation }) => asExactAs(operation, precision))).map((operation) => ({ port, operation })),
  );
  return [...groupBy(operations, ({ operation }) => JSON.stringify(operation)).values()].map((group) => ({
    ports: group.map(({ port }) => String(port)),
    ...group[0]?.operation,
  }));
}

function asExactAs({ methods, paths }: HttpOperation, precision: Precision): HttpOperation {
  return {
    ...(precision !== 'ports' && methods !== undefined && { methods }),
    ...(precision === 'paths' && paths !== undefined && { paths }),
  };
}

type HttpOperation = Pick<Operation, 'methods' | 'paths'>;

/** The operations of one port: by method the paths, methods with the same paths together. One without any says that all are needed. */
function operationsOfPort(needed: readonly HttpOperation[]): readonly HttpOperation[] {
  if (needed.some(({ methods, paths }) => methods === undefined && paths === undefined)) return [{}];
  const ANY = '';
  const byMethod = new Map<string, Set<string> | undefined>();
  for (const { methods = [ANY], paths } of needed) {
    for (const method of methods) {
      const known = byMethod.has(method) ? byMethod.get(method) : new Set<string>();
      byMethod.set(method, known === undefined || paths === undefined ? undefined : new Set([...known, ...paths]));
    }
  }
  const whatever = byMethod.get(ANY);
  const needs = [...byMethod].flatMap(([method, paths]) => {
    // What is let in with any method needs none of its own.
    const own = method === ANY || paths === undefined || whatever === undefined ? paths : uncovered([...paths], [...whatever]);
    return own !== undefined && [...own].length === 0 ? [] : [{ method, paths: own && fewer([...own]) }];
  });
  return [...groupBy(needs, ({ paths }) => JSON.stringify(paths ?? null)).values()]
    .map((group): HttpOperation => {
      const methods = group.map(({ method }) => method).sort(compareText);
      const paths = group[0]?.paths;
      return { ...(!methods.includes(ANY) && { methods }), ...(paths !== undefined && { paths }) };
    })
    .sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
}

/** The paths, with folders in place of what stands below them where that is much; what a prefix covers is left out. */
function fewer(paths: readonly string[]): readonly string[] {
  const byFolder = groupBy(paths, folderOf);
  const folded = [...byFolder].flatMap(([folder, all]) => (all.length > MOST_PATHS ? [`${folder}*`] : all));
  const prefixes = folded.filter((path) => path.endsWith('*')).map((path) => path.slice(0, -1));
  const isCovered = (path: string): boolean =>
    prefixes.some((prefix) => path !== `${prefix}*` && path.replace(/\*$/, '').startsWith(prefix));
  return folded.filter((path) => !isCovered(path)).sort(compareText);
}

/** The paths that none of the others lets in. */
function uncovered(paths: readonly string[], others: readonly string[]): readonly string[] {
  const lets = (other: string, path: string): boolean =>
    other === path || (other.endsWith('*') && path.replace(/\*$/, '').startsWith(other.slice(0, -1)));
  return paths.filter((path) => !others.some((other) => lets(other, path)));
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
