import type { Path } from '../diagnostics/diagnostic.ts';
import { error, errorIf, type Findings, quote } from './finding.ts';

const prefixPattern = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*$/;
const namePattern = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** Labels that select or describe workloads; istio pkg/config/labels/instance.go Validate. */
export function* checkWorkloadLabels(path: Path, labels: Readonly<Record<string, string>> | undefined): Findings {
  for (const [key, value] of Object.entries(labels ?? {})) {
    yield* errorIf([...path, key], keyProblem(key));
    if (value !== '' && !namePattern.test(value)) yield error([...path, key], `invalid tag value: ${quote(value)}`);
  }
}

function keyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const [prefix, name] = slash === -1 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  if ((prefix !== undefined && !prefixPattern.test(prefix)) || !namePattern.test(name)) return `invalid tag key: ${quote(key)}`;
  if (prefix !== undefined && prefix.length > 253) return `invalid tag key: ${quote(key)} (DNS prefix is too long)`;
  return name.length > 63 ? `invalid tag key: ${quote(key)} (name is too long)` : undefined;
}
