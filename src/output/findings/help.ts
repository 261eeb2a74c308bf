import type { Definition } from '../../diagnostics/problem.ts';

/** What brings a problem about and what to do, as plain text. */
export function helpText({ cause, example, fix }: Definition): string {
  return [
    ...(cause === undefined ? [] : [`For example: ${cause}`]),
    ...(example === undefined ? [] : [`An example:\n\n${example.trimEnd()}`]),
    `What to do: ${fix}`,
  ].join('\n\n');
}

/** The same in Markdown: what is in backticks is code already. */
export function helpMarkdown({ cause, example, fix }: Definition): string {
  return [
    ...(cause === undefined ? [] : [`For example: ${cause}`]),
    ...(example === undefined ? [] : [`\`\`\`yaml\n${example.trimEnd()}\n\`\`\``]),
    `What to do: ${fix}`,
  ].join('\n\n');
}
