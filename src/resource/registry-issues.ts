import type { Path, Report } from '../diagnostics/diagnostic.ts';
import type { SourceDocument } from '../source/document.ts';
import { own } from '../util/object.ts';
import { reportSchemaIssues, type SchemaIssue } from './schema-issues.ts';

/** Reports what the schema of the registry file says of it. */
export function reportRegistryIssues(issues: readonly SchemaIssue[], document: SourceDocument, report: Report): void {
  reportSchemaIssues(issues, { document, name: 'the registry', knownKeys }, report);
}

const keysAt: Readonly<Record<string, readonly string[]>> = {
  '': ['namespaces', 'services', 'workloads'],
  namespaces: ['name', 'labels'],
  services: ['name', 'namespace', 'ports', 'selector', 'endpoints', 'clusterIP', 'externalName', 'labels', 'annotations'],
  'services.ports': ['name', 'port', 'targetPort', 'protocol', 'appProtocol'],
  'services.endpoints': ['address', 'ready', 'zone'],
  workloads: [
    'name',
    'namespace',
    'labels',
    'annotations',
    'replicas',
    'addresses',
    'ports',
    'serviceAccount',
    'sidecar',
    'gateway',
    'ready',
    'locality',
    'network',
  ],
  'workloads.ports': ['name', 'port', 'protocol'],
};

function knownKeys(path: Path): readonly string[] {
  return own(keysAt, path.filter((segment) => typeof segment === 'string').join('.')) ?? [];
}
