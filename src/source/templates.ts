import { isObject, own } from '../util/object.ts';
import type { SourceDocument } from './document.ts';

/** An action of a template (Helm, Jinja): `{{ .Values.name }}`, `{{ include "name" . }}`. */
const ACTION = /\{\{[- ]{0,2}[.$\w"`(/#]/;
/** What something else is to replace: `{{ name }}`, `${NAME}` (Flux, envsubst), `$(NAME)` (kustomize's vars). */
const PLACEHOLDER = /\{\{[- ]{0,2}[.$A-Za-z_"`(]|\$\{[A-Za-z_]\w{0,99}[}:=?+-]|\$\([A-Z_][A-Z0-9_.]{0,99}\)/;

/** Marks that only templates have: trimmed actions, and statements of Jinja. */
const MARK = /\{\{-\s|\s-\}\}|\{%[- ]{0,2}\w/;

/** Whether a text that is no YAML is a template of it; `lines` are those, from 1, at which reading it fails. */
export function isTemplate(text: string, lines: readonly number[]): boolean {
  if (MARK.test(text)) return true;
  const written = text.split('\n');
  return lines.some((line) => ACTION.test(written[line - 1] ?? ''));
}

/** Whether a name or a host of an object is still to be filled in, so that nothing can be said of it. */
export function hasPlaceholder({ value }: SourceDocument): boolean {
  if (!isObject(value)) return false;
  const { metadata, spec } = value;
  const names = isObject(metadata) ? [metadata.name, metadata.namespace] : [];
  const hosts = isObject(spec) ? [own(spec, 'host'), own(spec, 'hosts'), ...serverHosts(own(spec, 'servers'))].flat() : [];
  return [...names, ...hosts].some((text) => typeof text === 'string' && PLACEHOLDER.test(text));
}

function serverHosts(servers: unknown): readonly unknown[] {
  if (!Array.isArray(servers)) return [];
  return servers.flatMap((server: unknown) => (isObject(server) ? [server.hosts].flat() : []));
}
