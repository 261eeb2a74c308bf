import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { formatDiagnostic } from '../../output/diagnostics.ts';
import { formatGoYaml } from '../../output/go-yaml.ts';
import { decodeDocuments } from '../../resource/decode.ts';
import { expandLists } from '../../source/lists.ts';
import { readTexts } from '../../source/load.ts';
import { parseText } from '../../source/parse.ts';
import type { ValidateOptions } from '../commands/validate.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { sourcesOf } from '../load.ts';
import { printDiagnostics } from '../report.ts';

/** Codes of problems with reading itself, as opposed to what stands in a resource. */
const UNREADABLE: readonly string[] = ['MESH0001', 'MESH0002', 'MESH0003', 'MESH0004'];

/**
 * Checks each resource by itself and prints what is wrong. Gives the exit status: 65 when an input cannot be read or parsed,
 * 79 when a resource has an error.
 */
export async function validate(paths: readonly string[], options: ValidateOptions, io: Io): Promise<number> {
  const outside: Diagnostic[] = [];
  const { manifests, namespace } = sourcesOf(options, paths, io, (diagnostic) => void outside.push(diagnostic));
  const texts = readTexts(manifests, io, (diagnostic) => void outside.push(diagnostic));
  const files = texts.map(({ file, text }) => {
    const found: Diagnostic[] = [];
    const report = (diagnostic: Diagnostic): void => void found.push(diagnostic);
    decodeDocuments(expandLists(parseText(file, text, report)), { namespace }, report);
    return { file, found };
  });
  await printDiagnostics(outside, io);
  print(files, options, io);
  const all = [...outside, ...files.flatMap(({ found }) => found)].filter(({ severity }) => severity === 'error');
  if (all.some(({ code }) => UNREADABLE.includes(code))) return EXIT.data;
  return all.length > 0 ? EXIT.findings : EXIT.fine;
}

interface CheckedFile {
  readonly file: string;
  readonly found: readonly Diagnostic[];
}

function print(files: readonly CheckedFile[], { output }: ValidateOptions, io: Io): void {
  if (output === 'text') {
    for (const { file, found } of files) {
      for (const diagnostic of found) io.out(`${formatDiagnostic(diagnostic)}\n`);
      if (!found.some(isError)) io.out(`${file} is valid\n`);
    }
    return;
  }
  const result = {
    files: files.map(({ file, found }) => ({
      file,
      valid: !found.some(isError),
      errors: found.filter(isError).map(describe),
      warnings: found.filter((diagnostic) => !isError(diagnostic)).map(describe),
    })),
  };
  io.out(output === 'yaml' ? formatGoYaml(JSON.parse(JSON.stringify(result))) : `${JSON.stringify(result, null, 2)}\n`);
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

function describe({ code, message, resource, location, path }: Diagnostic): object {
  return { code, message, resource, location, path };
}
