import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { usageError } from '../../diagnostics/user-error.ts';
import { inputOfTable, scaffoldInput, tablesIn } from '../../input/tables.ts';
import { checkTables, type ReadTable } from '../../operations/request-tables/check-tables.ts';
import { decodeTable } from '../../operations/request-tables/request-table.ts';
import { scaffoldTable } from '../../operations/request-tables/scaffold.ts';
import { noPaint } from '../../output/diagnostics.ts';
import { testFormats } from '../../output/test/formats.ts';
import { coveredPercent } from '../../output/test/report.ts';
import { formatScaffold } from '../../output/test/scaffold.ts';
import { echoServers } from '../../trace/servers/echo.ts';
import { surroundingsOf } from '../../workbench/surroundings.ts';
import { createMeshes, type Meshes, readBesideManifests } from '../beside-manifests.ts';
import type { TestOptions } from '../commands/test.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { createPainter, printDiagnostics, repositoryOf, tellFailure, wantsColor, withProgress } from '../report.ts';

/** Checks request tables and prints what fails. Gives the exit status. */
export async function test(paths: readonly string[], options: TestOptions, io: Io): Promise<number> {
  const meshes = createMeshes(options, io);
  if (options.scaffold === true) return scaffold(paths, meshes, options, io);
  const unread: Diagnostic[] = [];
  const files = tablesIn(paths.length === 0 ? ['.'] : paths, io, (diagnostic) => void unread.push(diagnostic));
  printDiagnostics(unread, io);
  if (files.length === 0)
    throw usageError(`there is no request table (*.mesh-test.yaml, requests.yaml) in ${paths.join(', ') || 'this folder'}`);
  const tables: ReadTable[] = [];
  let isReadable = !unread.some(({ severity }) => severity === 'error');
  for (const file of files) {
    const table = readBesideManifests(file, 'the table', decodeTable, io);
    const benches = table && (await meshes(inputOfTable(file, options, io)));
    if (table === undefined || benches === undefined) isReadable = false;
    else tables.push({ file, table, benches });
  }
  const { gateway, coverage, failUnder } = options;
  const isCoverageWanted = coverage === true || failUnder !== undefined;
  const choice = { now: io.now(), gateway, isCoverageWanted };
  const report = await withProgress(io, 'tables', (onProgress) => checkTables(tables, { ...choice, onProgress }));
  const paint = options.output === 'text' && wantsColor(io, io.isOutputTerminal) ? createPainter() : noPaint;
  io.out((await testFormats[options.output]())(report, paint, repositoryOf(io)));
  if (!isReadable) {
    tellFailure('not every table and its manifests could be read', io);
    return EXIT.data;
  }
  const requests = report.tables.flatMap((table) => table.requests);
  const failed = requests.filter(({ failures }) => failures.length > 0).length;
  const isCovered = failUnder === undefined || coveredPercent(report.coverage ?? []) >= failUnder;
  if (!isCovered) tellFailure(`Coverage is below ${failUnder}%`, io);
  if (failed > 0) tellFailure(`${failed} of ${requests.length} requests did not end as expected`, io);
  return isCovered && failed === 0 ? EXIT.fine : EXIT.findings;
}

async function scaffold(paths: readonly string[], meshes: Meshes, { gateway }: TestOptions, io: Io): Promise<number> {
  const benches = await meshes(paths.length === 0 ? {} : scaffoldInput(paths, io));
  if (benches === undefined) return EXIT.data;
  const surroundings = surroundingsOf(benches, { servers: echoServers, now: io.now() });
  io.out(formatScaffold(await withProgress(io, 'requests', (onProgress) => scaffoldTable(surroundings, gateway, onProgress))));
  return EXIT.fine;
}
