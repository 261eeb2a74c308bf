import { dump } from 'js-yaml';
import { memo } from '../../util/memo.ts';
import { isObject } from '../../util/object.ts';
import { parseYamlValue } from '../../util/yaml.ts';
import { isActive, wellFormed, withYamlEscapes } from './characters.ts';
import { createTag, type Escaped, escaped, type Tag } from './printable.ts';

/** YAML: what is put into it is a text in double quotes. */
export const yaml: Tag<'yaml'> = createTag(asJson);

/**
 * A value as YAML on one line; as JSON, which is YAML and has an escape for everything, where it holds what something would act upon, or
 * what mesh would not read as it was: readers differ, and in `{path: /?a}` Kubernetes' own ends the text at the question mark.
 */
export function yamlOnOneLine(value: unknown): Escaped<'yaml'> {
  const text = dump(value, { flowLevel: 0, lineWidth: -1 }).trimEnd();
  return escaped(isActive(text) || !readsAs(text, value) ? asJson(value) : text);
}

/**
 * Writes objects as `yamlOnOneLine` does, for lists of thousands whose members are the same again and again: each member with its value is
 * written and read once.
 */
export function createYamlLines(): (value: Readonly<Record<string, unknown>>) => Escaped<'yaml'> {
  const textOf = memo((key: string, json: string) => {
    const member = { [key]: JSON.parse(json) as unknown };
    const text = dump(member, { flowLevel: 0, lineWidth: -1 }).trimEnd();
    return isActive(text) || !text.startsWith('{') || !readsAs(text, member) ? undefined : text.slice(1, -1);
  });
  return (value) => {
    const texts = Object.entries(value).map(([key, member]) => textOf(key, JSON.stringify(member)));
    return texts.includes(undefined) ? yamlOnOneLine(value) : escaped(`{${texts.join(', ')}}`);
  };
}

function readsAs(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(parseYamlValue(text)) === JSON.stringify(value);
  } catch {
    return false;
  }
}

function asJson(value: unknown): string {
  return withYamlEscapes(JSON.stringify(wellFormedValue(value)));
}

function wellFormedValue(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(wellFormedValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [wellFormed(key), wellFormedValue(member)]));
}
