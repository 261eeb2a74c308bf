import type { Path } from '../../diagnostics/diagnostic.ts';
import { error, type Findings, quote } from './finding.ts';

const LABEL = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const NAME = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const keyPattern = new RegExp(`^(${LABEL}(?:\\.${LABEL})*/)?(${NAME})$`);
const valuePattern = new RegExp(`^(?:${NAME})?$`);

/** Labels that select or describe workloads; istio pkg/config/labels/instance.go Validate. */
export function* checkLabels(path: Path, labels: Readonly<Record<string, string>> | undefined): Findings {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const problem = keyProblem(key);
    if (problem !== undefined) yield error([...path, key], problem);
    if (!valuePattern.test(value)) yield error([...path, key], `invalid tag value: ${quote(value)}`);
  }
}

function keyProblem(key: string): string | undefined {
  const match = keyPattern.exec(key);
  if (match === null) return `invalid tag key: ${quote(key)}`;
  const [, prefix = '', name = ''] = match;
  if (prefix.length - 1 > 253) return `invalid tag key: ${quote(key)} (DNS prefix is too long)`;
  return name.length > 63 ? `invalid tag key: ${quote(key)} (name is too long)` : undefined;
}
