import type { Path } from '../diagnostics/diagnostic.ts';

/** Something wrong with one resource, seen by itself. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'note';
  /** The field that it is about, from the document's root. */
  readonly path: Path;
  /** The rule that does not hold; stands after the name of the field. */
  readonly message: string;
  /** Istio's words for it, as its webhook and its schema analyzer give them. */
  readonly istio: string;
  /** What Istio's analyzer reports it as, where it has a message type of its own for it. */
  readonly reportedAs?: ReportedAs;
}

/** A message of istio pkg/config/analysis/msg with its arguments. */
export interface ReportedAs {
  readonly code: 'IST0130' | 'IST0131';
  readonly parameters: readonly string[];
}

/** What a check gives, in the order in which Istio meets it. */
export type Findings = Iterable<Finding>;

/** The resource is refused. */
export function error(path: Path, message: string, istio: string = message): Finding {
  return { severity: 'error', path, message, istio };
}

/** The resource is taken, but something in it is probably not meant. */
export function warning(path: Path, message: string, istio: string = message): Finding {
  return { severity: 'warning', path, message, istio };
}

/** An error where there is something to say. */
export function* errorIf(path: Path, message: string | undefined): Findings {
  if (message !== undefined) yield error(path, message);
}

/** What is left where Istio turns the findings of a part into one plain error: its warnings are lost. */
export function* errorsOf(findings: Findings): Findings {
  for (const finding of findings) if (finding.severity === 'error') yield finding;
}

/** A text in double quotes, as Go's `%q`. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** Several errors as Go's multierror prints them inside of another message. */
export function multipleErrors(messages: readonly string[]): string {
  const count = messages.length === 1 ? '1 error' : `${messages.length} errors`;
  return `${count} occurred:\n${messages.map((message) => `\t* ${message}\n`).join('')}\n`;
}
