import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { formatDiagnostic, sortDiagnostics } from '../../output/diagnostics.ts';
import { formatGoYaml } from '../../output/go-yaml.ts';
import type { AnalyzeOptions } from '../commands/analyze.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { loadInput } from '../load.ts';

/** Problems with reading itself, as opposed to what stands in a resource. */
const UNREADABLE: readonly string[] = ['MESH0001', 'MESH0002', 'MESH0003', 'MESH0004'];

/** Prints what is wrong with the manifests. Gives the exit status: 65 for unreadable input, 79 for errors. */
export async function analyze(paths: readonly string[], options: AnalyzeOptions, io: Io): Promise<number> {
  const { diagnostics } = await loadInput(options, paths, io);
  const found = sortDiagnostics(diagnostics);
  if (options.output === 'log') for (const diagnostic of found) io.out(`${formatDiagnostic(diagnostic)}\n`);
  else {
    const list = found.map(describe);
    io.out(options.output === 'yaml' ? formatGoYaml(JSON.parse(JSON.stringify(list))) : `${JSON.stringify(list, null, 2)}\n`);
  }
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.some(({ code }) => UNREADABLE.includes(code))) return EXIT.data;
  return errors.length > 0 ? EXIT.findings : EXIT.fine;
}

/** As istioctl prints a finding, with the place as `file:line`. */
function describe({ code, severity, message, resource, location }: Diagnostic): object {
  const origin = resource && `${resource.kind} ${resource.namespace === '' ? '' : `${resource.namespace}/`}${resource.name}`;
  return {
    code,
    level: `${severity[0]?.toUpperCase()}${severity.slice(1)}`,
    message,
    ...(origin !== undefined && { origin }),
    ...(location !== undefined && { reference: `${location.file}:${location.line}` }),
  };
}
