import { dataError } from '../diagnostics/user-error.ts';
import type { FileSystem } from '../source/file-system.ts';
import { parseText } from '../source/parse.ts';
import { isObject } from '../util/object.ts';

/** The claims of a token in a file, JSON or YAML, or as JSON in place of the file. Throws a UserError where it holds none. */
export function readClaims(file: string, files: FileSystem): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    const text = file.startsWith('{') ? file : files.readText(file);
    value = parseText(file, text, () => {})[0]?.value;
  } catch (error) {
    throw dataError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(value)) throw dataError(`${file} holds no claims: it must be an object`);
  return value;
}
