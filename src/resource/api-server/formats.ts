/** What is wrong with a text, in the words of Kubernetes' API server; empty where nothing is. */
export type Format = (text: string) => readonly string[];

/**
 * How names, labels, ports and keys must look: k8s.io/apimachinery v0.35 pkg/util/validation/validation.go and
 * pkg/api/validate/content, with the words that a user of kubectl knows from there.
 */

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const WILDCARD_SUBDOMAIN = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS_1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;

const NO_PROBLEMS: readonly string[] = [];

interface Rule {
  readonly pattern: RegExp;
  readonly atMost: number;
  /** Go counts bytes, though it speaks of characters in places. */
  readonly unit?: 'characters' | 'bytes';
  /** What the pattern says in words. */
  readonly words: string;
  readonly examples: readonly string[];
}

function formatOf({ pattern, atMost, unit = 'characters', words, examples }: Rule): Format {
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  const complaint = `${words} (e.g. ${quoted}regex used for validation is '${pattern.source.slice(1, -1)}')`;
  return (text) => {
    const hasPattern = pattern.test(text);
    // No pattern takes more than ASCII.
    if (hasPattern && text.length <= atMost) return NO_PROBLEMS;
    return [...tooLong(text, atMost, unit), ...(hasPattern ? [] : [complaint])];
  };
}

function tooLong(text: string, atMost: number, unit: 'characters' | 'bytes' = 'characters'): readonly string[] {
  return new TextEncoder().encode(text).length > atMost ? [`must be no more than ${atMost} ${unit}`] : NO_PROBLEMS;
}

/** A part of a DNS name: namespaces, containers, ports of Services. */
export const dns1123Label: Format = (text) =>
  LABEL.test(text) || !SUBDOMAIN.test(text) ? label(text) : [...tooLong(text, 63), 'must not contain dots'];

const label = formatOf({
  pattern: LABEL,
  atMost: 63,
  words:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ['my-name', '123-abc'],
});

const subdomain: Rule = {
  pattern: SUBDOMAIN,
  atMost: 253,
  words:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
};

/** A DNS name: the names of most objects, and hosts. */
export const dns1123Subdomain: Format = formatOf(subdomain);

/** The names of Services. */
export const dns1035Label: Format = formatOf({
  pattern: DNS_1035_LABEL,
  atMost: 63,
  words:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ['my-name', 'abc-123'],
});

/** A DNS name below `*.`, as the hosts of an Ingress can be. */
export const wildcardDns1123Subdomain: Format = formatOf({
  pattern: WILDCARD_SUBDOMAIN,
  atMost: 253,
  words:
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  examples: ['*.example.com'],
});

const QUALIFIED_NAME_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

const qualifiedName: Rule = {
  pattern: QUALIFIED_NAME,
  atMost: 63,
  unit: 'bytes',
  words: QUALIFIED_NAME_WORDS,
  examples: ['MyName', 'my.name', '123-abc'],
};

const prefixOfKey = formatOf({ ...subdomain, unit: 'bytes' });
const nameInKey = formatOf(qualifiedName);
const wholeKey = formatOf({ ...qualifiedName, words: `a valid label key ${QUALIFIED_NAME_WORDS}` });

/** The key of a label, with a prefix or without. */
export const labelKey: Format = (text) => {
  const slash = text.indexOf('/');
  if (text.includes('/', slash + 1) && slash !== -1) {
    return wholeKey(text)
      .slice(-1)
      .map((problem) => `${problem} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`);
  }
  const ofName = partProblems('name', text.slice(slash + 1), nameInKey);
  return slash === -1 ? ofName : [...partProblems('prefix', text.slice(0, slash), prefixOfKey), ...ofName];
};

function partProblems(part: 'prefix' | 'name', text: string, format: Format): readonly string[] {
  const empty = text === '' ? ['must be non-empty'] : NO_PROBLEMS;
  // An empty prefix is told to be so and no more.
  const problems = text !== '' ? format(text) : part === 'prefix' ? empty : [...empty, ...format(text)];
  return problems.length === 0 ? NO_PROBLEMS : problems.map((problem) => `${part} part ${problem}`);
}

/** The key of an annotation: as that of a label, in any case. */
export const annotationKey: Format = (text) => labelKey(text.toLowerCase());

/** The value of a label. */
export const labelValue: Format = formatOf({
  pattern: LABEL_VALUE,
  atMost: 63,
  unit: 'bytes',
  words:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  examples: ['MyValue', 'my_value', '12345'],
});

/** The name of a container's port, as Services refer to it. */
export const portName: Format = (text) => [
  ...tooLong(text, 15),
  ...(/^[-a-z0-9]+$/.test(text) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
  ...(/[a-z]/.test(text) ? [] : ['must contain at least one letter (a-z)']),
  ...(text.includes('--') ? ['must not contain consecutive hyphens'] : []),
  ...(/^-|-$/.test(text) ? ['must not begin or end with a hyphen'] : []),
];

/** The key of an entry of a ConfigMap or Secret. */
export const configKey: Format = (text) => [...configKeyName(text), ...changesFolder(text)];

const configKeyName = formatOf({
  pattern: CONFIG_KEY,
  atMost: 253,
  words: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  examples: ['key.name', 'KEY_NAME', 'key-name'],
});

function changesFolder(text: string): readonly string[] {
  if (text === '.' || text === '..') return [`must not be '${text}'`];
  return text.startsWith('..') ? ["must not start with '..'"] : [];
}

/** The name of an environment variable. */
export const environmentVariableName: Format = (text) =>
  /^[ -<>-~]*$/.test(text)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

/** A name with a DNS domain, of two parts or more; the dot that may end it is left out. */
export const fullyQualifiedDomainName: Format = (text) => {
  const problems = dns1123Subdomain(text);
  if (problems.length > 0) return [problems.join(',')];
  const labels = text.split('.');
  if (labels.length < 2) return ['should be a domain with at least two segments separated by dots'];
  return labels.flatMap(dns1123Label);
};

/** Whether a number can be that of a port. */
export function portNumberProblems(port: number): readonly string[] {
  return port >= 1 && port <= 65_535 ? [] : ['must be between 1 and 65535, inclusive'];
}

/** The rule for a prefix of names, as it is given by `generateName`: as for names, but it may end in a dash. */
export function asPrefix(format: Format): Format {
  return (text) => format(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text);
}
