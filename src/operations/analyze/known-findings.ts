import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { dataError, usageError } from '../../diagnostics/user-error.ts';
import { newFindings } from '../../findings/policy/baseline.ts';
import { parseSuppression, type Suppression, suppressCodes } from '../../findings/policy/suppress.ts';
import type { FileSystem } from '../../source/file-system.ts';
import { parseJsonText } from '../../util/json-text.ts';

/** What `CODE=Kind name.namespace` leaves out, and which of the codes no finding has. */
export interface ReadSuppressions {
  readonly suppressed: Suppression;
  readonly unknownCodes: readonly string[];
}

/** Reads what is to be left out. Throws a UserError for a text that says nothing of the kind. */
export function readSuppressions(texts: readonly string[]): ReadSuppressions {
  const list = texts.map((text) => {
    const suppression = parseSuppression(text);
    if (suppression === undefined)
      throw usageError(`${text} is not a suppression; write --suppress "IST0103=Pod name.namespace"`);
    return suppression;
  });
  const unknownCodes = list.map(({ code }) => code).filter((code) => !/^(IST|MESH)\d{4}$/.test(code));
  return { suppressed: suppressCodes(list), unknownCodes };
}

/** The findings that the baseline in a file does not list. Throws a UserError where it is none. */
export function withoutBaseline(findings: readonly Diagnostic[], file: string, files: FileSystem): readonly Diagnostic[] {
  let value: unknown;
  try {
    value = parseJsonText(files.readText(file));
  } catch (error) {
    throw dataError(`cannot read the baseline ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const left = newFindings(findings, value);
  if (left === undefined) throw dataError(`${file} is no baseline; --write-baseline writes one`);
  return left;
}
