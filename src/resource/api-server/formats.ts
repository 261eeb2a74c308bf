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

const MAX_LABEL = 63;
const MAX_SUBDOMAIN = 253;
const MAX_PORT_NAME = 15;

/** A part of a DNS name: namespaces, containers, ports of Services. */
export const dns1123Label: Format = (text) => [
  ...tooLong(text, MAX_LABEL, 'characters'),
  ...(LABEL.test(text) ? [] : [SUBDOMAIN.test(text) ? 'must not contain dots' : labelComplaint]),
];

const labelComplaint = complaint(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  ['my-name', '123-abc'],
);

/** A DNS name: the names of most objects, and hosts. */
export const dns1123Subdomain: Format = (text) => [
  ...tooLong(text, MAX_SUBDOMAIN, 'characters'),
  ...(SUBDOMAIN.test(text) ? [] : [subdomainComplaint]),
];

const subdomainComplaint = complaint(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  ['example.com'],
);

/** The names of Services. */
export const dns1035Label: Format = (text) => [
  ...tooLong(text, MAX_LABEL, 'characters'),
  ...(DNS_1035_LABEL.test(text) ? [] : [dns1035Complaint]),
];

const dns1035Complaint = complaint(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  DNS_1035_LABEL,
  ['my-name', 'abc-123'],
);

/** A DNS name below `*.`, as the hosts of an Ingress can be. */
export const wildcardDns1123Subdomain: Format = (text) => [
  ...tooLong(text, MAX_SUBDOMAIN, 'characters'),
  ...(WILDCARD_SUBDOMAIN.test(text) ? [] : [wildcardComplaint]),
];

const wildcardComplaint = complaint(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  WILDCARD_SUBDOMAIN,
  ['*.example.com'],
);

/** The key of a label, with a prefix or without. */
export const labelKey: Format = (text) => {
  const parts = text.split('/');
  if (parts.length > 2)
    return [
      `a valid label key ${qualifiedNameComplaint} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const name = parts.at(-1) ?? '';
  return [
    ...(parts.length === 2 ? prefixProblems(parts[0] ?? '').map((problem) => `prefix part ${problem}`) : []),
    ...nameProblems(name).map((problem) => `name part ${problem}`),
  ];
};

/** The key of an annotation: as that of a label, in any case. */
export const annotationKey: Format = (text) => labelKey(text.toLowerCase());

function prefixProblems(prefix: string): readonly string[] {
  if (prefix === '') return ['must be non-empty'];
  return [...tooLong(prefix, MAX_SUBDOMAIN, 'bytes'), ...(SUBDOMAIN.test(prefix) ? [] : [subdomainComplaint])];
}

function nameProblems(name: string): readonly string[] {
  return [
    ...(name === '' ? ['must be non-empty'] : tooLong(name, MAX_LABEL, 'bytes')),
    ...(QUALIFIED_NAME.test(name) ? [] : [qualifiedNameComplaint]),
  ];
}

const qualifiedNameComplaint = complaint(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED_NAME,
  ['MyName', 'my.name', '123-abc'],
);

/** The value of a label. */
export const labelValue: Format = (text) => [
  ...tooLong(text, MAX_LABEL, 'bytes'),
  ...(LABEL_VALUE.test(text) ? [] : [labelValueComplaint]),
];

const labelValueComplaint = complaint(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  ['MyValue', 'my_value', '12345'],
);

/** The name of a container's port, as Services refer to it. */
export const portName: Format = (text) => [
  ...tooLong(text, MAX_PORT_NAME, 'characters'),
  ...(/^[-a-z0-9]+$/.test(text) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
  ...(/[a-z]/.test(text) ? [] : ['must contain at least one letter (a-z)']),
  ...(text.includes('--') ? ['must not contain consecutive hyphens'] : []),
  ...(/^-|-$/.test(text) ? ['must not begin or end with a hyphen'] : []),
];

/** The key of an entry of a ConfigMap or Secret. */
export const configKey: Format = (text) => [
  ...tooLong(text, MAX_SUBDOMAIN, 'characters'),
  ...(CONFIG_KEY.test(text) ? [] : [configKeyComplaint]),
  ...changesFolder(text),
];

const configKeyComplaint = complaint("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", CONFIG_KEY, [
  'key.name',
  'KEY_NAME',
  'key-name',
]);

function changesFolder(text: string): readonly string[] {
  if (text === '.' || text === '..') return [`must not be '${text}'`];
  return text.startsWith('..') ? ["must not start with '..'"] : [];
}

/** The name of an environment variable. */
export const environmentVariableName: Format = (text) =>
  /^[ -<>-~]*$/.test(text)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];

/** A name with a DNS domain of two parts or more; a dot at its end is fine. */
export const fullyQualifiedDomainName: Format = (text) => {
  const name = text.replace(/\.$/, '');
  const problems = dns1123Subdomain(name);
  if (problems.length > 0) return [problems.join(',')];
  const labels = name.split('.');
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

/** Go counts bytes, though it speaks of characters in places. */
function tooLong(text: string, max: number, unit: 'characters' | 'bytes'): readonly string[] {
  const isTooLong = text.length > max || (text.length > max / 3 && new TextEncoder().encode(text).length > max);
  return isTooLong ? [`must be no more than ${max} ${unit}`] : [];
}

function complaint(rule: string, { source }: RegExp, examples: readonly string[]): string {
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  return `${rule} (e.g. ${quoted}regex used for validation is '${source.slice(1, -1)}')`;
}
