import { dirname } from 'node:path';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { definedTwice } from '../../diagnostics/problems/objects.ts';
import { count } from '../count.ts';
import { type Passed, passedOverLines } from '../passed-over.ts';

/** What findings are of. */
export interface FindingsInput {
  readonly texts: readonly unknown[];
  /** The resources that mesh reads. */
  readonly written: readonly unknown[];
  readonly passedOver: Passed;
}

/** What is said after findings: that there are none, of how much, how to read variants apart, and what was passed over. */
export function summaryLines(findings: readonly Diagnostic[], input: FindingsInput, isVerbose: boolean): readonly string[] {
  const files = count(input.texts.length, 'file');
  const nothing = input.written.length === 0 ? `No resource that mesh reads in ${files}.` : `No problems found in ${files}.`;
  const isApart = findings.some(isOfTwoFolders);
  return [
    ...(findings.length === 0 ? [nothing] : []),
    ...(isApart ? ['Variants of one system in folders? --group-by-folder takes them apart.'] : []),
    ...passedOverLines(input.passedOver, isVerbose),
  ];
}

function isOfTwoFolders({ code, location, related = [] }: Diagnostic): boolean {
  const folders = related.map((first) => dirname(first.location.file));
  return code === definedTwice.code && location !== undefined && folders.some((folder) => folder !== dirname(location.file));
}

/** An analyzer in the list of all of them. */
export function checkLines({ name, about, isOptional = false }: Check): readonly string[] {
  return [`* ${name}:`, `    ${about}${isOptional ? ' (only when named)' : ''}`];
}

/** What can be run by its name. */
export interface Check {
  readonly name: string;
  readonly about: string;
  readonly isOptional?: boolean;
}
