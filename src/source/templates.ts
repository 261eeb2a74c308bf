import { addAll } from '../util/collections.ts';
import { type Fields, fieldsOf, isObject, listOf, own } from '../util/object.ts';
import type { SourceDocument } from './document.ts';

/** An action of a template (Helm, Jinja, generators with delimiters of their own): `{{ .Values.name }}`, `{{< include "name" . >}}`. */
const ACTION = /\{\{[-<%~ ]{0,3}[.$\w"`(/#]/;
/** The same where an action is no such one: `%NAME%`, `{name}/page`. */
const BARE_ACTION = /(?:^|\s)(?:%[A-Za-z_]\w{0,99}%|\{[A-Za-z_]\w{0,99}\}[\w/.:-])/;
/** What something else is to replace: `{{ name }}`, `${NAME}` (Flux, envsubst), `$(NAME)` (kustomize's vars). */
const PLACEHOLDER = /\{\{[-<%~ ]{0,3}[.$A-Za-z_"`(]|\$\{[A-Za-z_]\w{0,99}[}:=?+-]|\$\([A-Za-z_][\w.-]{0,99}\)/;

/** What people write in such a place by agreement. */
const LIKELY_PLACEHOLDER =
  /(?:^|[.-])(?:[A-Z][A-Z0-9]{0,99}_[A-Z0-9_]{1,99}|REPLACE_?ME|CHANGE_?ME|PLACEHOLDER)(?:$|[.-])|__[A-Za-z]\w{0,99}__|(?:^|[.-])placeholder[A-Z]\w{0,99}|\$\$\w{1,99}\$\$|<[A-Za-z*][^<>]{0,99}>/;

/** What is in every text that holds one of these, be it behind an escape of YAML; `includes` tells most texts that are without sooner. */
const PART_OF_SIGN = ['{', '$', '%', '_', '<', '\\', 'REPLACE', 'CHANGE', 'PLACEHOLDER', 'placeholder'] as const;
const SIGN_OF_PLACEHOLDER =
  /[{$][{(]|\$[$A-Za-z_]|\{[A-Za-z_]\w{0,99}\}|%[A-Za-z_]|[A-Z0-9_]_|<|\\|REPLACE|CHANGE|PLACEHOLDER|placeholder[A-Z]/;

/** What no name, host, address or label can hold, and stands where one is to be filled in: `{NAME}`, `%NAME%`, `$NAME`. */
const BARE_PLACEHOLDER = /\{[A-Za-z_]\w{0,99}\}|%[A-Za-z_]\w{0,99}%|(?:^|[./-])\$[A-Za-z_]\w{0,99}/;

/** Marks that only templates have: trimmed actions, and statements of Jinja. */
const MARK = /\{\{[<%]?-\s|\s-[>%]?\}\}|\{%[- ]{0,2}\w/;

/** Whether a text that is no YAML is a template of it; `lines` are those, from 1, at which reading it fails. */
export function isTemplate(text: string, lines: readonly number[]): boolean {
  if (MARK.test(text)) return true;
  const written = text.split('\n');
  return lines.map((line) => written[line - 1] ?? '').some((line) => ACTION.test(line) || BARE_ACTION.test(line));
}

/**
 * Whether the name of an object or what it is for (its hosts) is still to be filled in, so that nothing can be said of it. What only
 * stands somewhere in it is judged as it is written, as istioctl does.
 */
export function hasPlaceholder({ value }: SourceDocument): boolean {
  if (!isObject(value)) return false;
  const { host, hosts, hostnames, servers } = fieldsOf(value.spec);
  const ofServers = listOf(servers).map((server) => fieldsOf(server).hosts);
  const named = [...ownNames(value), ...[host, hosts, hostnames, ...ofServers].flatMap(textsIn)];
  return named.some((text) => PLACEHOLDER.test(text));
}

/**
 * The same for files that nobody named, where a host anywhere counts, and what no name or host can be is taken for what something else
 * replaces: `SHOP_NAMESPACE` (kustomize's replacements, sed), `__NAME__`, `<your domain>`. So are, in objects that a mesh is made of,
 * names, addresses, identities and labels that hold a variable, wherever they stand, and values of Secrets.
 */
export function mayHavePlaceholder({ value }: SourceDocument): boolean {
  if (!isObject(value)) return false;
  const found = [...ownNames(value)];
  addNamed(value.spec, found);
  return found.some(isPlaceholder) || holdsVariable(value);
}

/** Whether something else is to fill in a name or a host. */
export function isPlaceholder(text: string): boolean {
  return isVariable(text) || LIKELY_PLACEHOLDER.test(text);
}

function isVariable(text: string): boolean {
  return PLACEHOLDER.test(text) || BARE_PLACEHOLDER.test(text);
}

/** Objects that a mesh is made of; others have variables of their own (ApplicationSets, Workflows, policies). */
const OF_MESH =
  /^(?:v1$|apps\/|batch\/|(?:networking|discovery|gateway\.networking)\.k8s\.io\/|(?:networking|security|telemetry|extensions)\.istio\.io\/)/;

function holdsVariable(value: Fields): boolean {
  const { apiVersion, kind, metadata, spec, data } = value;
  if (typeof apiVersion !== 'string' || !OF_MESH.test(apiVersion)) return false;
  return hasVariable(metadata) || hasVariable(spec) || (kind === 'Secret' && valuesOf(data).some(isVariable));
}

/** Fields whose texts are names, addresses or identities. */
const NAMING: readonly string[] = [
  ...['name', 'namespace', 'serviceAccountName', 'gateways', 'address', 'addresses'],
  ...[
    'principals',
    'notPrincipals',
    'namespaces',
    'notNamespaces',
    'ipBlocks',
    'notIpBlocks',
    'remoteIpBlocks',
    'notRemoteIpBlocks',
  ],
];
/** Fields with labels, by their keys. */
const LABELLING: readonly string[] = ['labels', 'matchLabels', 'selector'];

/** Whether such a field, wherever it stands, has a text with a variable. */
function hasVariable(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasVariable);
  if (!isObject(value)) return false;
  for (const field in value) {
    const inner = own(value, field);
    if (NAMING.includes(field) && textsIn(inner).some(isVariable)) return true;
    if (LABELLING.includes(field) && valuesOf(inner).some(isVariable)) return true;
    if (typeof inner === 'object' && hasVariable(inner)) return true;
  }
  return false;
}

function valuesOf(value: unknown): readonly string[] {
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** Whether it is worth asking that of the documents of a text. */
export function mayHoldPlaceholders(text: string): boolean {
  return PART_OF_SIGN.some((part) => text.includes(part)) && SIGN_OF_PLACEHOLDER.test(text);
}

/** Whether SOPS has encrypted a file: its values are no values before they are decrypted, and a cluster never sees `sops`. */
export function isEncrypted({ value }: SourceDocument): boolean {
  // Of a Secret it is sealed as all else that is no metadata.
  return isObject(value) && value.sops !== undefined && value.sops !== null;
}

/** Whether any value of an object is still to be filled in, so that nobody knows whether a cluster takes it. */
export function mentionsPlaceholder({ value }: SourceDocument): boolean {
  return PLACEHOLDER.test(JSON.stringify(value));
}

function ownNames(value: Fields): readonly string[] {
  const { name, namespace } = fieldsOf(value.metadata);
  return [name, namespace].flatMap(textsIn);
}

/** Fields that hold hosts, and counts where people write names of variables. */
const FIELDS: readonly string[] = ['host', 'hosts', 'hostnames', 'replicas'];

/** Adds the texts of these fields, wherever they stand. */
function addNamed(value: unknown, found: string[]): void {
  if (Array.isArray(value)) for (const item of value) addNamed(item, found);
  if (!isObject(value)) return;
  for (const field in value) {
    const inner = own(value, field);
    if (FIELDS.includes(field)) addAll(found, textsIn(inner));
    if (typeof inner === 'object') addNamed(inner, found);
  }
}

function textsIn(value: unknown): readonly string[] {
  return [value].flat().filter((text) => typeof text === 'string');
}
