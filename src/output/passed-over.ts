import { count } from './count.ts';

/** What of an input nobody looked at: files by name, kinds with the number of their documents. */
export interface Passed {
  readonly files: readonly string[];
  readonly kinds: readonly { readonly name: string; readonly documents: number }[];
}

const MOST_KINDS = 5;

/** How much of an input is not for mesh, and all of it by name where that is asked for; no lines where nothing is. */
export function passedOverLines({ files, kinds }: Passed, isVerbose: boolean): readonly string[] {
  const documents = kinds.reduce((sum, kind) => sum + kind.documents, 0);
  const often = [...kinds].sort((a, b) => b.documents - a.documents).slice(0, MOST_KINDS);
  const names = often.map((kind) => `${kind.documents} ${kind.name.slice(kind.name.lastIndexOf('/') + 1)}`);
  const more = kinds.length > MOST_KINDS ? ', ...' : '';
  const parts = [
    ...(files.length === 0 ? [] : [`${count(files.length, 'file')} without Kubernetes objects`]),
    ...(documents === 0 ? [] : [`${count(documents, 'document')} of other kinds (${names.join(', ')}${more})`]),
  ];
  if (parts.length === 0) return [];
  const details = isVerbose
    ? [...files.map((file) => `  ${file}`), ...kinds.map((kind) => `  ${kind.name}: ${kind.documents}`)]
    : [];
  return [`Passed over: ${parts.join('; ')}${isVerbose ? ':' : '.'}`, ...details];
}
