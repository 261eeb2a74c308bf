import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { dataError } from '../../diagnostics/user-error.ts';
import { flagsOf } from '../../input/flags.ts';
import type { InputOptions } from '../../input/options.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import { mapTold, type OnProgress } from '../../util/progress.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { surroundingsOf } from '../../workbench/surroundings.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { createNetworkStoppers } from '../network-stoppers.ts';
import { createIdentityQuestions } from '../reachability/identity-questions.ts';
import { createAlikeClients } from './alike-clients.ts';
import { createExplorer } from './explorer.ts';
import { createLedPlaces } from './led-places.ts';
import { createOpenPlaces } from './open-places.ts';
import { type ProvingGround, proveStatement } from './prove.ts';
import type { StatementFile } from './read-statements.ts';
import type { ProvenFile } from './report.ts';
import { resolveStatements } from './resolve-statements.ts';
import { createRoutedHosts } from './routed-hosts.ts';
import type { WrittenStatement } from './written-statement.ts';

/** The mesh of a workbench, or of those of all primaries of several clusters, for statements about it; what is made for one serves all. */
export function provingGround(benches: Benches, now: number): ProvingGround {
  const surroundings = surroundingsOf(benches, { servers: unknownServers, now });
  const { dataPlane } = surroundings;
  const identities = createIdentityQuestions(dataPlane);
  return {
    benches,
    surroundings,
    hosts: createRoutedHosts(dataPlane.lookups),
    led: createLedPlaces(benches, dataPlane),
    explore: createExplorer(dataPlane, identities),
    alike: createAlikeClients(dataPlane, identities),
    network: createNetworkStoppers(benches[0].inputs),
    openTo: createOpenPlaces(benches, dataPlane),
  };
}

/** Proves or refutes the statements of a file, of each of which `onProgress` is told; gives what they name and the mesh has not, with its places, instead. */
export function proveFile(
  file: StatementFile,
  ground: ProvingGround,
  options: InputOptions = {},
  onProgress?: OnProgress,
): ProvenFile | readonly Diagnostic[] {
  const { statements, problems } = resolveStatements(file, ground.benches, ground.surroundings.dataPlane);
  if (problems.length > 0) return problems;
  return {
    file: file.file,
    inputFlags: flagsOf(options),
    statements: mapTold(statements, onProgress, (statement) => proveStatement(statement, ground)),
  };
}

/** Proves or refutes statements that stand in no file. Throws a UserError with what they name and the mesh has not. */
export function proveStatements(bench: Workbench, statements: readonly WrittenStatement[], now: number): ProvenFile {
  return proveStatementsAmong([bench], statements, now);
}

/** The same over all primaries of several clusters. */
export function proveStatementsAmong(benches: Benches, statements: readonly WrittenStatement[], now: number): ProvenFile {
  const file = { file: 'statements', statements, locate: () => ({ file: 'statements', line: 1, column: 1 }) };
  const proven = proveFile(file, provingGround(benches, now));
  if ('statements' in proven) return proven;
  throw dataError('the statements name what is not there', proven);
}
