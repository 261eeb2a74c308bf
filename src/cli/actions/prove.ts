import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { usageError } from '../../diagnostics/user-error.ts';
import { inputOfTable, scaffoldInput, statementFilesIn } from '../../input/tables.ts';
import { proveFile, provingGround } from '../../operations/prove/prove-file.ts';
import { readStatements } from '../../operations/prove/read-statements.ts';
import type { ProvenFile } from '../../operations/prove/report.ts';
import { suggestStatements } from '../../operations/prove/suggest.ts';
import { noPaint } from '../../output/diagnostics.ts';
import { proveFormats } from '../../output/prove/formats.ts';
import { formatSuggestions } from '../../output/prove/suggestions.ts';
import { countVerdicts } from '../../output/prove/words.ts';
import { memo } from '../../util/memo.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { createMeshes, type Meshes, readBesideManifests, tellProblems } from '../beside-manifests.ts';
import type { ProveOptions } from '../commands/prove.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { createPainter, printDiagnostics, repositoryOf, tellFailure, wantsColor, withProgress } from '../report.ts';
import { meshVersion, versionText } from '../version.ts';

/** Proves or refutes statements and prints what does not hold. Gives the exit status. */
export async function prove(paths: readonly string[], options: ProveOptions, io: Io): Promise<number> {
  const meshes = createMeshes(options, io);
  if (options.suggest === true) return suggest(paths, meshes, io);
  const unread: Diagnostic[] = [];
  const files = statementFilesIn(paths.length === 0 ? ['.'] : paths, io, (diagnostic) => void unread.push(diagnostic));
  printDiagnostics(unread, io);
  if (files.length === 0)
    throw usageError(`there is no file of statements (*.mesh-policy.yaml) in ${paths.join(', ') || 'this folder'}`);
  const ground = memo((benches: Benches) => provingGround(benches, io.now()));
  const proven: ProvenFile[] = [];
  let docsUrl = '';
  let isReadable = !unread.some(({ severity }) => severity === 'error');
  for (const file of files) {
    const read = readBesideManifests(file, 'the file of statements', readStatements, io);
    const beside = inputOfTable(file, options, io);
    const benches = read && (await meshes(beside));
    const answers =
      benches &&
      (await withProgress(io, 'statements', (onProgress) =>
        proveFile(read, ground(benches), { ...options, ...beside }, onProgress),
      ));
    docsUrl = benches?.[0].input.release.docsUrl ?? docsUrl;
    if (answers !== undefined && 'statements' in answers) {
      proven.push(answers);
      continue;
    }
    if (answers !== undefined) tellProblems(file, 'the file of statements', answers, io);
    isReadable = false;
  }
  const paint = options.output === 'text' && wantsColor(io, io.isOutputTerminal) ? createPainter() : noPaint;
  const context = { paint, version: meshVersion(), fullVersion: versionText(), repository: repositoryOf(io), docsUrl };
  io.out((await proveFormats[options.output]())({ files: proven }, context));
  if (!isReadable) {
    tellFailure('not every file of statements and its manifests could be read', io);
    return EXIT.data;
  }
  const all = proven.flatMap(({ statements }) => statements);
  const { refuted, undecided } = countVerdicts(all);
  if (refuted > 0) tellFailure(`${refuted} of ${all.length} statements are refuted`, io);
  if (undecided > 0) tellFailure(`${undecided} of ${all.length} statements are neither proven nor refuted`, io);
  return refuted > 0 ? EXIT.findings : undecided > 0 ? EXIT.undecided : EXIT.fine;
}

async function suggest(paths: readonly string[], meshes: Meshes, io: Io): Promise<number> {
  const benches = await meshes(paths.length === 0 ? {} : scaffoldInput(paths, io));
  if (benches === undefined) return EXIT.data;
  io.out(formatSuggestions(suggestStatements(provingGround(benches, io.now()))));
  return EXIT.fine;
}
