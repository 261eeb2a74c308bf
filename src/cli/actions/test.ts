import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { UserError, usageError } from '../../diagnostics/user-error.ts';
import { inputOfTable, scaffoldInput, tablesIn } from '../../input/tables.ts';
import { coverageOf, type ReportedTable, reportRequest } from '../../operations/request-tables/report.ts';
import { decodeTable, type RequestTable } from '../../operations/request-tables/request-table.ts';
import { resolveRequest } from '../../operations/request-tables/resolve-request.ts';
import { scaffoldTable } from '../../operations/request-tables/scaffold.ts';
import { noPaint } from '../../output/diagnostics.ts';
import { testFormats } from '../../output/test/formats.ts';
import { coveredPercent } from '../../output/test/report.ts';
import { formatScaffold } from '../../output/test/scaffold.ts';
import type { Outcome } from '../../trace/outcome.ts';
import { echoServers } from '../../trace/servers/echo.ts';
import { runTable, type TableRequest } from '../../trace/table.ts';
import { addAll } from '../../util/collections.ts';
import { gatewayOf } from '../../workbench/addresses.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { type Surroundings, surroundingsOf } from '../../workbench/surroundings.ts';
import { createMeshes, type Meshes, readBesideManifests } from '../beside-manifests.ts';
import type { TestOptions } from '../commands/test.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { createPainter, printDiagnostics, repositoryOf, tellFailure, wantsColor } from '../report.ts';
import { userErrorWords } from '../user-error-words.ts';

/** Checks request tables and prints what fails. Gives the exit status. */
export async function test(paths: readonly string[], options: TestOptions, io: Io): Promise<number> {
  const meshes = createMeshes(options, io);
  if (options.scaffold === true) return scaffold(paths, meshes, options, io);
  const unread: Diagnostic[] = [];
  const files = tablesIn(paths.length === 0 ? ['.'] : paths, io, (diagnostic) => void unread.push(diagnostic));
  printDiagnostics(unread, io);
  if (files.length === 0)
    throw usageError(`there is no request table (*.mesh-test.yaml, requests.yaml) in ${paths.join(', ') || 'this folder'}`);
  const tables: ReportedTable[] = [];
  const seen = new Map<Benches, Surroundings & { outcomes: Outcome[] }>();
  let isReadable = !unread.some(({ severity }) => severity === 'error');
  for (const file of files) {
    const table = readBesideManifests(file, 'the table', decodeTable, io);
    const benches = table && (await meshes(inputOfTable(file, options, io)));
    if (table === undefined || benches === undefined) {
      isReadable = false;
      continue;
    }
    const surroundings = surroundingsOf(benches, { ...table, now: io.now() });
    const requests = await resolveAll(table, surroundings, options.gateway);
    const results = runTable(surroundings.dataPlane, requests);
    tables.push({
      file,
      requests: results.map((result, index) => reportRequest(result, table.locate(index), surroundings, benches)),
    });
    const entry = seen.get(benches) ?? { ...surroundings, outcomes: [] };
    for (const { outcomes } of results) addAll(entry.outcomes, outcomes);
    seen.set(benches, entry);
  }
  const coverage = options.coverage === true || options.failUnder !== undefined ? coverageOf(seen.values()) : undefined;
  const paint = options.output === 'text' && wantsColor(io, io.isOutputTerminal) ? createPainter() : noPaint;
  io.out((await testFormats[options.output]())({ tables, coverage }, paint, repositoryOf(io)));
  if (!isReadable) {
    tellFailure('not every table and its manifests could be read', io);
    return EXIT.data;
  }
  const requests = tables.flatMap((table) => table.requests);
  const failed = requests.filter(({ failures }) => failures.length > 0).length;
  const isCovered = options.failUnder === undefined || coveredPercent(coverage ?? []) >= options.failUnder;
  if (!isCovered) tellFailure(`Coverage is below ${options.failUnder}%`, io);
  if (failed > 0) tellFailure(`${failed} of ${requests.length} requests did not end as expected`, io);
  return isCovered && failed === 0 ? EXIT.fine : EXIT.findings;
}

async function resolveAll(table: RequestTable, surroundings: Surroundings, gateway?: string): Promise<TableRequest[]> {
  gatewayOf(gateway, surroundings.dataPlane, surroundings.namespace);
  const resolved: TableRequest[] = [];
  for (const [index, request] of table.requests.entries()) {
    try {
      resolved.push(resolveRequest(request, surroundings, gateway));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { file, line, column } = table.locate(index);
      throw new CommandError(`${file}:${line}:${column}: ${await userErrorWords(error)}`, EXIT.data);
    }
  }
  return resolved;
}

async function scaffold(paths: readonly string[], meshes: Meshes, { gateway }: TestOptions, io: Io): Promise<number> {
  const benches = await meshes(paths.length === 0 ? {} : scaffoldInput(paths, io));
  if (benches === undefined) return EXIT.data;
  io.out(formatScaffold(scaffoldTable(surroundingsOf(benches, { servers: echoServers, now: io.now() }), gateway)));
  return EXIT.fine;
}
