import { readYaml } from './yaml/reader.ts';

/** The value of one YAML text that stands inside another (an annotation, a key of a ConfigMap). Throws an Error that says why not. */
export function parseYamlValue(text: string): unknown {
  const { documents, problem } = readYaml(text);
  if (problem !== undefined) throw problem;
  return documents[0]?.value;
}
