import type { Release } from '../../../releases/release.ts';
import { createSpecDecoder } from '../../../resource/schema-check.ts';
import { parseCidr } from '../../../util/cidr.ts';
import { parseGoBoolean } from '../../../util/go-boolean.ts';
import { goQuote } from '../../../util/go-format.ts';
import { isIpAddress } from '../../../util/ip-address.ts';
import { quantityProblem } from '../../../util/quantity.ts';
import { parseYamlValue } from '../../../util/yaml.ts';

/** Whether an annotation is in Istio's name space, or one of Kubernetes that Istio documents. */
export function isIstioAnnotation(name: string): boolean {
  return name === 'kubernetes.io/ingress.class' || (name.split('/')[0] ?? '').endsWith('istio.io');
}

/** What is wrong with a value, in Go's words; undefined when nothing is. */
type ValueRule = (value: string, release: Release) => string | undefined;

/** Rules for the values of annotations; istio pkg/kube/inject/validate.go AnnotationValidation. */
export const annotationRules: Readonly<Record<string, ValueRule>> = {
  'sidecar.istio.io/interceptionMode': (value) =>
    ['REDIRECT', 'TPROXY', 'NONE'].includes(value) ? undefined : `interceptionMode invalid, use REDIRECT,TPROXY,NONE: ${value}`,
  'status.sidecar.istio.io/port': (value) => prefixed('excludeInboundPorts invalid', portProblem(value)),
  'readiness.status.sidecar.istio.io/initialDelaySeconds': (value) => unsignedProblem(value, 2 ** 32),
  'readiness.status.sidecar.istio.io/periodSeconds': (value) => unsignedProblem(value, 2 ** 32),
  'readiness.status.sidecar.istio.io/failureThreshold': (value) => unsignedProblem(value, 2 ** 32),
  'traffic.sidecar.istio.io/includeOutboundIPRanges': (value) =>
    value === '*' ? undefined : prefixed('includeIPRanges invalid', cidrListProblem(value)),
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': (value) => prefixed('excludeIPRanges invalid', cidrListProblem(value)),
  'traffic.sidecar.istio.io/includeInboundPorts': (value) =>
    value === '*' ? undefined : prefixed('includeInboundPorts invalid', portListProblem(value)),
  'traffic.sidecar.istio.io/excludeInboundPorts': (value) => prefixed('excludeInboundPorts invalid', portListProblem(value)),
  'traffic.sidecar.istio.io/excludeOutboundPorts': (value) => prefixed('excludeOutboundPorts invalid', portListProblem(value)),
  'traffic.sidecar.istio.io/excludeInterfaces': interfacesProblem,
  'traffic.sidecar.istio.io/kubevirtInterfaces': interfacesProblem,
  'istio.io/reroute-virtual-interfaces': interfacesProblem,
  'prometheus.istio.io/merge-metrics': (value) =>
    parseGoBoolean(value) === undefined ? `strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax` : undefined,
  'proxy.istio.io/config': proxyConfigProblem,
  'sidecar.istio.io/proxyCPU': resourceProblem,
  'sidecar.istio.io/proxyMemory': resourceProblem,
  'sidecar.istio.io/proxyCPULimit': resourceProblem,
  'sidecar.istio.io/proxyMemoryLimit': resourceProblem,
};

function prefixed(prefix: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${prefix}: ${problem}`;
}

/** As Go's strconv.ParseUint. */
function unsignedProblem(text: string, limit: number): string | undefined {
  const complain = (what: string): string => `strconv.ParseUint: parsing ${goQuote(text)}: ${what}`;
  if (!/^\d+$/.test(text)) return complain('invalid syntax');
  return Number(text) < limit ? undefined : complain('value out of range');
}

function portProblem(port: string): string | undefined {
  return prefixed(`failed parsing port '${port}'`, unsignedProblem(port.trim(), 2 ** 16));
}

function portListProblem(ports: string): string | undefined {
  const list = ports.trim();
  if (list === '') return undefined;
  for (const port of list.split(',')) {
    const problem = prefixed(`failed parsing port '${port}'`, portProblem(port));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function cidrListProblem(cidrs: string): string | undefined {
  if (cidrs === '') return undefined;
  for (const cidr of cidrs.split(',')) {
    const problem = prefixed(`failed parsing cidr '${cidr}'`, cidrProblem(cidr));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** As Go's netip.ParsePrefix. */
function cidrProblem(cidr: string): string | undefined {
  const complain = (what: string): string => `netip.ParsePrefix(${goQuote(cidr)}): ${what}`;
  const slash = cidr.lastIndexOf('/');
  if (slash === -1) return complain("no '/'");
  const [address, bits] = [cidr.slice(0, slash), cidr.slice(slash + 1)];
  if (!isIpAddress(address)) return complain(`ParseAddr(${goQuote(address)}): unable to parse IP`);
  if (!/^(0|[1-9]\d*)$/.test(bits)) return complain(`bad bits after slash: ${goQuote(bits)}`);
  return parseCidr(cidr) === undefined ? complain('prefix length out of range') : undefined;
}

/** As istio pkg/util/net ValidateInterfaceNames. */
function interfacesProblem(interfaces: string): string | undefined {
  if (interfaces === '') return undefined;
  for (const written of interfaces.split(',')) {
    const name = written.trim();
    if (name === '') return 'empty interface name';
    if (name.length > 15) return `interface name ${goQuote(name)} too long (max 15 chars)`;
    if (!/^[a-zA-Z][a-zA-Z0-9_.-]*$/.test(name)) return `interface name ${goQuote(name)} contains invalid characters`;
  }
  return undefined;
}

/** An amount of a resource of Kubernetes. */
function resourceProblem(value: string): string | undefined {
  return /\p{Cc}/u.test(value) ? 'value contains control characters' : quantityProblem(value);
}

/** Whether the value is a ProxyConfig; what Istio checks of its contents beyond its types is not looked at. */
function proxyConfigProblem(value: string, release: Release): string | undefined {
  const problem = decodeProxyConfig(value, release).problem;
  return prefixed('failed to convert to apply proxy config', problem);
}

/** The ProxyConfig of an annotation `proxy.istio.io/config`, and what is wrong with it. */
export function decodeProxyConfig(
  value: string,
  release: Release,
): {
  readonly config: { readonly image?: { readonly imageType?: string } };
  readonly problem?: string;
} {
  let body: unknown;
  try {
    body = parseYamlValue(value);
  } catch (error) {
    return { config: {}, problem: error instanceof Error ? error.message : String(error) };
  }
  const decoded = createSpecDecoder(release)('MeshConfig.defaultConfig', body ?? {});
  const first = decoded?.problems.find(({ kind }) => kind === 'bad-value');
  return { config: decoded?.value ?? {}, ...(first !== undefined && { problem: first.istio }) };
}
