import { istioDescriptorTable } from '../../src/releases/1.30/istio-descriptors.gen.ts';
import { parseYamlValue } from '../../src/util/yaml.ts';
import type { Files } from './diff.ts';

/** A single edit that may mean something. */
export interface Mutant {
  readonly name: string;
  /** Equal for edits of one kind of thing at one field of one kind of resource. */
  readonly rule: string;
  readonly files: Files;
}

type Path = readonly (string | number)[];

/** Kinds that say nothing of traffic. */
const WITHOUT_TRAFFIC: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'Kustomization', 'List']);

/**
 * All single edits of the documents in some files: documents, members and items taken away, items exchanged, texts, numbers and words
 * changed, also into those that the same field has elsewhere.
 */
export function mutantsOf(files: Files): readonly Mutant[] {
  const byFile = Object.entries(files).map(([file, text]) => ({ file, documents: documentsOf(text) }));
  const others = valuesByKey(byFile.flatMap(({ documents }) => documents));
  return byFile.flatMap(({ file, documents }) =>
    documents.flatMap((document, index) => {
      const { kind, metadata } = (document ?? {}) as { kind?: string; metadata?: { name?: string } };
      if (kind !== undefined && WITHOUT_TRAFFIC.has(kind)) return [];
      const title = kind === undefined ? file : `${kind} ${metadata?.name}`;
      const mutant = (what: string, path: Path, edited: readonly unknown[], detail: string): Mutant => ({
        name: `${title} ${path.join('.')}: ${what}${detail}`,
        rule: `${kind ?? file} ${path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')}: ${what}`,
        files: { ...files, [file]: edited.map((one) => JSON.stringify(one)).join('\n---\n') },
      });
      const ofFields = editsOf(document, [], others).map(({ path, what, detail = '', value }) =>
        mutant(
          what,
          path,
          documents.map((other, at) => (at === index ? withValue(other, path, value) : other)),
          detail,
        ),
      );
      if (kind === undefined) return ofFields;
      return [mutant('the document taken away', [], documents.toSpliced(index, 1), ''), ...ofFields];
    }),
  );
}

/** Of the edits of each kind the first `most`. */
export function ofEachRule(mutants: readonly Mutant[], most: number): readonly Mutant[] {
  const counts = new Map<string, number>();
  return mutants.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    return count <= most;
  });
}

function documentsOf(text: string): readonly unknown[] {
  return text
    .split(/^---.*$/m)
    .map((part): unknown => parseYamlValue(part))
    .filter((document) => typeof document === 'object' && document !== null);
}

const GONE: unique symbol = Symbol('gone');

interface Edit {
  readonly path: Path;
  readonly what: string;
  readonly detail?: string;
  readonly value: unknown;
}

/** Words of which each field has one: those of Istio's API, and of Kubernetes and the Gateway API those that decide about traffic. */
const WORDS: ReadonlyMap<string, string> = wordsOf([
  ...istioDescriptorTable
    .split('\n')
    .filter((line) => line.startsWith('= '))
    .map((line) =>
      line
        .split(' ')
        .slice(2)
        .map((word) => word.replace(/:.*/, '')),
    ),
  ['GET', 'POST', 'PUT'],
  ['HTTP', 'HTTPS', 'TCP', 'TLS', 'HTTP2', 'GRPC'],
  ['Exact', 'PathPrefix', 'RegularExpression'],
  ['Terminate', 'Passthrough'],
  ['All', 'Same', 'Selector', 'None'],
  ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'],
  ['ReplacePrefixMatch', 'ReplaceFullPath'],
  ['http', 'https', 'tcp', 'grpc', 'tls', 'mysql'],
  ['enabled', 'disabled'],
  ['ambient', 'none'],
  ['In', 'NotIn'],
  ['Local', 'Cluster'],
  ['service', 'workload', 'all'],
]);

function wordsOf(groups: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  const next = new Map<string, string>();
  for (const group of groups) {
    for (const [index, word] of group.entries()) {
      const other = group[(index + 1) % group.length];
      if (other !== undefined && other !== word && !next.has(word)) next.set(word, other);
    }
  }
  return next;
}

/** Members that say another thing of the same value. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  ...{ prefix: ['exact'], exact: ['prefix', 'regex'], regex: ['exact'] },
  ...{ paths: ['notPaths'], notPaths: ['paths'], methods: ['notMethods'], notMethods: ['methods'] },
  ...{ hosts: ['notHosts'], ports: ['notPorts'], ipBlocks: ['notIpBlocks', 'remoteIpBlocks'], remoteIpBlocks: ['ipBlocks'] },
  ...{ principals: ['notPrincipals'], notPrincipals: ['principals'], requestPrincipals: ['notRequestPrincipals'] },
  ...{ namespaces: ['notNamespaces'], notNamespaces: ['namespaces'], values: ['notValues'], notValues: ['values'] },
  ...{ headers: ['withoutHeaders'], redirect: ['rewrite'], serviceAccounts: ['notServiceAccounts'] },
};

/** What is no field of traffic, or decides of what the rest is. */
const LEFT_ALONE: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'image', 'command', 'args', 'uid', 'resourceVersion']);

type Others = ReadonlyMap<string, readonly unknown[]>;

function valuesByKey(documents: readonly unknown[]): Others {
  const found = new Map<string, Set<unknown>>();
  const collect = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const item of value) collect(item, key);
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) collect(member, name);
    else found.set(key, (found.get(key) ?? new Set()).add(value));
  };
  for (const document of documents) collect(document, '');
  return new Map([...found].map(([key, values]) => [key, [...values]]));
}

function editsOf(value: unknown, path: Path, others: Others): readonly Edit[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => [
      { path: [...path, index], what: 'item taken away', value: GONE },
      ...(index + 1 < value.length && JSON.stringify(item) !== JSON.stringify(value[index + 1])
        ? [{ path, what: 'items exchanged', detail: ` ${index} and ${index + 1}`, value: exchanged(value, index) }]
        : []),
      ...editsOf(item, [...path, index], others),
    ]);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
      if (LEFT_ALONE.has(key)) return [];
      const rest = Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
      const renamed = (KEYS[key] ?? []).filter((name) => !(name in value));
      return [
        { path: [...path, key], what: 'taken away', value: GONE },
        ...renamed.map((name) => ({ path, what: `${key} -> ${name}`, value: { ...rest, [name]: member } })),
        ...editsOf(member, [...path, key], others),
      ];
    });
  }
  const key = String(path.findLast((step) => typeof step === 'string') ?? '');
  const edit = (what: string, edited: unknown): readonly Edit[] =>
    edited === undefined || edited === value
      ? []
      : [{ path, what, detail: `, ${JSON.stringify(value)} -> ${JSON.stringify(edited)}`, value: edited }];
  const elsewhere = edit('as elsewhere', nextOf(others.get(key) ?? [], value));
  if (typeof value === 'boolean') return edit('turned', !value);
  if (typeof value === 'number') return [...edit('one more', value + 1), ...edit('none', 0), ...elsewhere];
  if (typeof value !== 'string') return [];
  return [
    ...edit('another word', WORDS.get(value)),
    ...edit('one more', countedUp(value)),
    ...edit('longer', `${value}x`),
    ...elsewhere,
  ];
}

/** The value of the same type after one, or the first. */
function nextOf(values: readonly unknown[], value: unknown): unknown {
  const alike = values.filter((one) => typeof one === typeof value);
  return alike[(alike.indexOf(value) + 1) % alike.length];
}

/** A text with its last number one higher: of times, addresses and ranges. */
function countedUp(text: string): string | undefined {
  const found = /^(.*?)(\d{1,9})(\D*)$/s.exec(text);
  if (found === null) return undefined;
  const [, before = '', digits = '', after = ''] = found;
  return `${before}${Number(digits) + 1}${after}`;
}

function exchanged(list: readonly unknown[], index: number): readonly unknown[] {
  return [...list.slice(0, index), list[index + 1], list[index], ...list.slice(index + 2)];
}

function withValue(tree: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(tree)) {
    return tree.flatMap((item: unknown, index) => {
      if (index !== key) return [item];
      const changed = withValue(item, rest, value);
      return changed === GONE ? [] : [changed];
    });
  }
  const entries = Object.entries((tree ?? {}) as object).flatMap(([name, member]: [string, unknown]) => {
    if (name !== key) return [[name, member] as const];
    const changed = withValue(member, rest, value);
    return changed === GONE ? [] : [[name, changed] as const];
  });
  return Object.fromEntries(entries);
}
