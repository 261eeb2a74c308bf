import type { Diagnostic, Location, Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { invalidValue, missingField } from '../../diagnostics/problems/objects.ts';
import { reportSchemaIssues } from '../../resource/schema-issues.ts';
import { describeValue } from '../../resource/shape.ts';
import type { SourceDocument } from '../../source/document.ts';
import { own } from '../../util/object.ts';
import { statementFields, statementsSchema } from './statement-schema.ts';
import type { WrittenStatement } from './written-statement.ts';

/** The statements of a file as they are written, each with its place. */
export interface StatementFile {
  readonly file: string;
  readonly statements: readonly WrittenStatement[];
  /** Where a field stands. */
  locate(path: Path): Location;
}

const KINDS = ['never', 'only', 'always'] as const;
const CLAIMS = ['mutualTLS', 'token', 'tls'] as const;

/** Reads a file of statements; gives its problems instead when it is not one. */
export function readStatements(document: SourceDocument): StatementFile | readonly Diagnostic[] {
  const parsed = statementsSchema.safeParse(document.value);
  if (!parsed.success) {
    const problems: Diagnostic[] = [];
    const report = (problem: Diagnostic): void => void problems.push(problem);
    reportSchemaIssues(parsed.error.issues, { document, name: 'the file of statements', knownKeys }, report);
    return problems;
  }
  const { statements } = parsed.data;
  const problems = statements.flatMap((written, index) => shapeProblems(written, ['statements', index], document));
  if (problems.length > 0) return problems;
  return { file: document.file, statements, locate: (path) => document.locate(path) };
}

/** The fields that a file can have at a path. */
function knownKeys(path: Path): readonly string[] {
  return own(statementFields, path.filter((step) => typeof step === 'string').join('.')) ?? [];
}

/** What a schema cannot say well: which fields go together. */
function shapeProblems(written: WrittenStatement, path: Path, document: SourceDocument): readonly Diagnostic[] {
  const says = (of: Path, is: string, expected: string): Diagnostic =>
    invalidValue({ location: document.locate(of), path: of }, formatField(of), is, expected);
  const kinds = KINDS.filter((kind) => written[kind] !== undefined);
  if (kinds.length !== 1) {
    return [says(path, kinds.length === 0 ? 'no statement' : kinds.join(' and '), 'one of never, only and always')];
  }
  const { always } = written;
  if (always === undefined) return [];
  const of = [...path, 'always'];
  const claims = CLAIMS.filter((claim) => always[claim] !== undefined);
  if (claims.length !== 1) {
    return [says(of, claims.length === 0 ? 'no statement' : claims.join(' and '), 'one of mutualTLS, token and tls')];
  }
  if (always.tls === true) {
    return (['from', 'to'] as const)
      .filter((field) => always[field] !== undefined)
      .map((field) => says([...of, field], describeValue(always[field]), 'left out with tls: that is about gateways'));
  }
  const others = always.gateways === undefined ? [] : [says([...of, 'gateways'], 'a list', 'left out: it goes with tls')];
  const missing =
    always.to === undefined ? [missingField({ location: document.locate(of), path: of }, formatField([...of, 'to']))] : [];
  return [...others, ...missing];
}
