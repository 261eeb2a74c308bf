import type { Session } from '../../compile/session.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { configDump } from '../../output/config-dump.ts';
import { printedJson, printedJsonText } from '../../output/escape/json.ts';
import { plain, printedLines } from '../../output/escape/plain.ts';
import { concatenated, type Printable, type PrintableBytes, printed } from '../../output/escape/printable.ts';
import { concatenatedBytes, encode } from '../../output/escape/private-keys.ts';
import { formatGoYaml, formatGoYamlWithin } from '../../output/go-yaml.ts';
import { staticBootstrap } from '../../output/static-bootstrap.ts';
import { createXdsPrinter, resourcesOfSnapshot, type XdsPrinter } from '../../output/xds-json.ts';
import { proxyBootstrap } from '../../translate/bootstrap/bootstrap.ts';
import { proxyNode } from '../../translate/bootstrap/node.ts';
import { assertNever } from '../../util/assert.ts';
import { createSecretLookup } from '../../workbench/secrets.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { TranslateOptions } from '../commands/translate.ts';
import { EXIT, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { spiffeIdentity } from '../node-identity.ts';
import { openMesh } from '../open.ts';
import { printDiagnostics, startProgress } from '../report.ts';
import { proxyFileName } from '../translate/file-name.ts';
import { findStaleFiles } from '../translate/stale-files.ts';
import { printStage } from './stages.ts';

/**
 * Compiles manifests and prints the xDS of the proxies, or writes it to a folder. Gives the exit status. When the input has
 * an error, nothing is printed or written.
 */
export async function translate(paths: readonly string[], options: TranslateOptions, io: Io): Promise<number> {
  if (options.prune === true && options.outDir === undefined)
    throw usageError('--prune removes files of the folder of --out-dir');
  if (options.outDir === '') throw usageError('--out-dir names no folder');
  const bench = await openMesh(options, paths, io);
  if (options.stage === 'documents') return printStage({ stage: 'documents', input: bench.input }, io);
  const { mesh, session } = bench;
  await printDiagnostics(mesh.notes, io);
  const proxies = selectProxies(bench, options);
  if (proxies.length === 0) io.err(warn('the manifests have no pod that is in the mesh, so there is no proxy to configure'));
  switch (options.stage) {
    case 'model':
      return printStage({ stage: 'model', mesh }, io);
    case 'view':
      return printStage({ stage: 'view', session, proxies }, io);
    case 'xds':
      break;
    default:
      return assertNever(options.stage);
  }
  const printer = createProxyPrinter(options, mesh);
  if (options.outDir !== undefined) {
    return writeFolder({ path: options.outDir, prune: options.prune === true }, proxies, session, printer, io);
  }
  if (printer.isSingle && proxies.length > 1) {
    throw usageError(`-o ${options.output} is for one proxy: choose one of ${proxies.length} with --proxy, or use --out-dir`);
  }
  return print(proxies, session, printer, io);
}

function warn(...texts: readonly string[]): Printable {
  return printedLines(texts.map((text) => `warning: ${text}`));
}

function selectProxies({ mesh, findProxy }: Workbench, { proxy: names }: TranslateOptions): readonly Proxy[] {
  return names === undefined ? mesh.proxies : [...new Set(names.map(findProxy))];
}

const nothing: Printable = printed(plain``);

/** How the proxies are printed in one format. */
interface ProxyPrinter {
  /** Whether the format holds one proxy only. */
  readonly isSingle: boolean;
  readonly extension: 'json' | 'yaml';
  /** A whole file about one proxy. */
  file(proxy: Proxy, snapshot: XdsSnapshot): PrintedProxy;
  /** What stands around the proxies when all are printed to one stream, and one of them. */
  readonly stream: {
    readonly before: Printable;
    readonly after: Printable;
    readonly empty: Printable;
    /** What goes before one of them, and the proxy itself. */
    opening(proxy: Proxy, isFirst: boolean): Printable;
    member(proxy: Proxy, snapshot: XdsSnapshot): Printable | PrintableBytes;
  };
}

interface PrintedProxy {
  readonly content: Printable | PrintableBytes;
  /** What a reader should know, for standard error. */
  readonly warnings: readonly string[];
}

function createProxyPrinter({ output, outDir, withSecrets = false }: TranslateOptions, mesh: Mesh): ProxyPrinter {
  const printer = createXdsPrinter(outDir === undefined ? 'indented' : 'a line each');
  switch (output) {
    case 'json':
      return jsonPrinter(printer);
    case 'yaml':
      return yamlPrinter();
    case 'config-dump':
      return singlePrinter((proxy, snapshot) => ({
        content: printedJson(configDump(snapshot, proxyBootstrap(proxy, mesh), { withStatic: true })),
        warnings: [],
      }));
    case 'envoy':
      return singlePrinter((proxy, snapshot) => printBootstrap(proxy, snapshot, mesh, withSecrets));
    default:
      return assertNever(output);
  }
}

function jsonPrinter(printer: XdsPrinter): ProxyPrinter {
  const resources = (snapshot: XdsSnapshot, depth: number): PrintableBytes =>
    printer.print(resourcesOfSnapshot(snapshot, 'by name'), depth);
  return {
    isSingle: false,
    extension: 'json',
    file: (_, snapshot) => ({ content: concatenatedBytes([resources(snapshot, 0), encode(printed(plain`\n`))]), warnings: [] }),
    stream: {
      before: printed(plain`{\n  "proxies": {`),
      after: printed(plain`\n  }\n}\n`),
      empty: printed(plain`{\n  "proxies": {}\n}\n`),
      opening: ({ namespace, name }, isFirst) =>
        printedJsonText(`${isFirst ? '' : ','}\n    ${JSON.stringify(`${namespace}/${name}`)}: `),
      member: (_, snapshot) => resources(snapshot, 2),
    },
  };
}

function yamlPrinter(): ProxyPrinter {
  return {
    isSingle: false,
    extension: 'yaml',
    file: (_, snapshot) => ({ content: formatGoYaml(toPlain(resourcesOfSnapshot(snapshot, 'by name'))), warnings: [] }),
    stream: {
      before: printed(plain`proxies:\n`),
      after: nothing,
      empty: printed(plain`proxies: {}\n`),
      opening: () => nothing,
      member: ({ namespace, name }, snapshot) =>
        formatGoYamlWithin({ [`${namespace}/${name}`]: toPlain(resourcesOfSnapshot(snapshot, 'by name')) }, '  '),
    },
  };
}

function singlePrinter(file: ProxyPrinter['file']): ProxyPrinter {
  return {
    isSingle: true,
    extension: 'json',
    file,
    stream: {
      before: nothing,
      after: nothing,
      empty: nothing,
      opening: () => nothing,
      member: (proxy, snapshot) => file(proxy, snapshot).content,
    },
  };
}

/** The value without the origins that it carries under symbols. */
function toPlain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function printBootstrap(proxy: Proxy, snapshot: XdsSnapshot, mesh: Mesh, withSecrets: boolean): PrintedProxy {
  const { bootstrap, leftOut, standIns } = staticBootstrap(snapshot, {
    node: proxyNode(proxy, mesh),
    identity: spiffeIdentity(proxy, mesh),
    // Roots in ConfigMaps are public; what Secrets hold is written only for those who ask for it.
    secretOf: createSecretLookup(
      mesh.resources.filter(({ kind }) => withSecrets || kind !== 'Secret'),
      proxy.namespace,
    ),
    withInlineKeys: withSecrets,
  });
  const name = `${proxy.namespace}/${proxy.name}`;
  const warnings = [
    ...(leftOut.length > 0 ? [`${name}: left out, since only istio-proxy has them: ${leftOut.join(', ')}`] : []),
    ...(standIns.length > 0
      ? [`${name}: stand-in certificates, which nobody should trust, replace the secrets ${standIns.join(', ')}`]
      : []),
  ];
  return { content: printedJson(bootstrap), warnings };
}

/** Compiles one proxy after the other; what is noted about several of them is said once. */
async function forEachProxy(
  proxies: readonly Proxy[],
  session: Session,
  io: Io,
  use: (proxy: Proxy, snapshot: XdsSnapshot, index: number) => boolean,
): Promise<void> {
  const progress = startProgress(io);
  const notes = new Map<string, Diagnostic>();
  for (const [index, proxy] of proxies.entries()) {
    const snapshot = session.compile(proxy);
    for (const note of snapshot.notes) notes.set(JSON.stringify(note), note);
    if (!use(proxy, snapshot, index)) break;
    progress.show(`${index + 1} of ${proxies.length} proxies`);
    await io.pause();
  }
  progress.end();
  await printDiagnostics([...notes.values(), ...session.patchNotes()], io);
}

async function print(proxies: readonly Proxy[], session: Session, printer: ProxyPrinter, io: Io): Promise<number> {
  const { before, after, empty, opening, member } = printer.stream;
  if (proxies.length === 0) {
    io.out(empty);
    return EXIT.fine;
  }
  let isOpen = true;
  await forEachProxy(proxies, session, io, (proxy, snapshot, index) => {
    if (printer.isSingle) {
      const { content, warnings } = printer.file(proxy, snapshot);
      io.err(warn(...warnings));
      isOpen = io.out(content);
    } else {
      const isFirst = index === 0;
      isOpen = io.out(concatenated([...(isFirst ? [before] : []), opening(proxy, isFirst)])) && io.out(member(proxy, snapshot));
    }
    return isOpen;
  });
  if (isOpen) io.out(after);
  return EXIT.fine;
}

/** Where files go, and whether those of proxies that are gone are taken away. */
interface Target {
  readonly path: string;
  readonly prune: boolean;
}

async function writeFolder(
  { path, prune }: Target,
  proxies: readonly Proxy[],
  session: Session,
  printer: ProxyPrinter,
  io: Io,
): Promise<number> {
  const folder = io.openFolder(path);
  try {
    await forEachProxy(proxies, session, io, (proxy, snapshot) => {
      const { content, warnings } = printer.file(proxy, snapshot);
      io.err(warn(...warnings));
      folder.write(proxyFileName(proxy, printer.extension), content);
      return true;
    });
    const stale = findStaleFiles(path, session.mesh.proxies, io);
    if (prune) for (const name of stale) folder.remove(name);
    folder.commit();
    if (stale.length > 0) io.err(printedLines([tellStale(stale, path, prune)]));
  } finally {
    folder.discard();
  }
  return EXIT.fine;
}

const MANY = 10;

function tellStale(names: readonly string[], path: string, isRemoved: boolean): string {
  const files = `${names.length} ${names.length === 1 ? 'file of a proxy that is' : 'files of proxies that are'} not in the mesh any more`;
  const more = names.length > MANY ? `, and ${names.length - MANY} more` : '';
  const listed = `${names.slice(0, MANY).join(', ')}${more}`;
  return isRemoved
    ? `Removed from ${path}: ${files}: ${listed}`
    : `warning: ${path} has ${files}: ${listed} (--prune removes them)`;
}
