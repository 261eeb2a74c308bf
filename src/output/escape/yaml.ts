import { dump } from 'js-yaml';
import { isActive, withJsonEscapes } from './characters.ts';
import { createTag, type Escaped, escaped, type Tag } from './printable.ts';

/** A value as YAML on one line; as JSON, which is YAML and has an escape for everything, where it holds what something would act upon. */
export function yamlOnOneLine(value: unknown): Escaped<'yaml'> {
  const text = dump(value, { flowLevel: 0, lineWidth: -1 }).trimEnd();
  return escaped(isActive(text) ? withJsonEscapes(JSON.stringify(value)) : text);
}

/** YAML: what is put into it is a text in double quotes. */
export const yaml: Tag<'yaml'> = createTag((text) => withJsonEscapes(JSON.stringify(text)));
