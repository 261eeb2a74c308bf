import type { WrittenStatement } from '../../operations/prove/written-statement.ts';
import { type Printable, printed } from '../escape/printable.ts';
import { yaml, yamlOnOneLine } from '../escape/yaml.ts';

/** Statements as a file of them: one a line, under a word on what to do with it. */
export function formatSuggestions(statements: readonly WrittenStatement[]): Printable {
  const lines = statements.map((statement) => yaml`  - ${yamlOnOneLine({ ...statement })}\n`);
  const list = lines.length === 0 ? yaml` []\n` : yaml`\n${lines}`;
  return printed(yaml`# What is proven of the mesh now; keep what it ought to be.\nstatements:${list}`);
}
