import { type Input, inputOfTexts, type Resource } from '../../src/index.ts';

/** The input that a YAML text is. Throws on anything that would be reported as an error. */
export function inputOfYaml(text: string): Input {
  const input = inputOfTexts([{ file: 'test.yaml', text }]);
  const errors = input.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return input;
}

/** What a cluster would make of the resources of a YAML text, as the program does. */
export function resourcesOfYaml(text: string): readonly Resource[] {
  return inputOfYaml(text).resources;
}
