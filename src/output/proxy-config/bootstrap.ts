import { isObject, own } from '../../util/object.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';

/** The summary of `proxy-config bootstrap -o short`: the versions of Istio and Envoy; istioctl PrintBootstrapSummary. */
export function formatBootstrap(section: Readonly<Record<string, unknown>>): Printable {
  const node = member(member(section, 'bootstrap'), 'node');
  const metadata = member(node, 'metadata');
  const istio = text(metadata.ISTIO_VERSION);
  const sha = text(metadata.ISTIO_PROXY_SHA);
  const rows = [
    ...(istio === '' ? [] : [['Istio Version:', istio]]),
    ...(sha === '' ? [] : [['Istio Proxy Version:', sha.split(':')[1] ?? sha]]),
    ['Envoy Version:', envoyVersion(member(node, 'userAgentBuildVersion'))],
  ];
  return formatColumns(rows, 1);
}

function envoyVersion(build: Record<string, unknown>): string {
  const { majorNumber = 0, minorNumber = 0, patch = 0 } = member(build, 'version');
  const metadata = member(build, 'metadata');
  const part = (key: string, before: string): string =>
    Object.hasOwn(metadata, key) ? `${before}${text(own(metadata, key))}` : '';
  return [
    `${majorNumber}.${minorNumber}.${patch}`,
    part('build.label', '-'),
    part('revision.status', '/'),
    part('build.type', '/'),
    part('ssl.version', '/'),
  ].join('');
}

function member(value: Record<string, unknown>, name: string): Record<string, unknown> {
  const found = own(value, name);
  return isObject(found) ? found : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
