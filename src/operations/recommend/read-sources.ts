import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { dataError } from '../../diagnostics/user-error.ts';
import type { InputFiles } from '../../input/files.ts';
import { readNamed, tableDocument, tablesIn } from '../../input/tables.ts';
import { decodeTable, type RequestTable } from '../request-tables/request-table.ts';
import type { CallSources } from './gather-calls.ts';
import { readObservedCalls } from './observed/read.ts';

/** Where sources of calls are, as flags say it. */
export interface NamedSources {
  /** Manifests, whose folders may hold request tables. */
  readonly file?: readonly string[];
  /** Request tables, or folders with tables, in place of these. */
  readonly requests?: readonly string[];
  /** Observed calls, `-` for standard input. */
  readonly calls?: readonly string[];
}

/** Reads request tables and observed calls. Throws a UserError for what cannot be read. */
export function readCallSources({ file = ['.'], requests, calls = [] }: NamedSources, files: InputFiles): CallSources {
  const problems: Diagnostic[] = [];
  const report = (problem: Diagnostic): void => void problems.push(problem);
  const paths = tablesIn(requests ?? file.filter((path) => files.kindOf(path) === 'folder'), files, report);
  const tables = paths.flatMap((path): readonly RequestTable[] => {
    const document = tableDocument(path, files, report);
    const table = document === undefined ? [] : decodeTable(document);
    if ('requests' in table) return [table];
    for (const problem of table) report(problem);
    return [];
  });
  if (problems.length > 0) throw dataError('not every request table can be read', problems);
  return { tables, observed: calls.map((path) => readObservedCalls(path, readNamed(path, files))) };
}
