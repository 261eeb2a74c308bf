import type { Path } from '../diagnostics/diagnostic.ts';
import { parseCidr } from '../util/cidr.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { trimCharacters } from '../util/text.ts';
import { errorIf, type Findings, quote } from './finding.ts';
import { isGoInteger, portProblem } from './numbers.ts';

/** Names of hosts and addresses; istio pkg/config/validation/agent/validation.go and pkg/config/labels. */

const dnsLabel = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const wildcardLabel = /^(?:\*|(?:\*-?)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;
const MAX_LABEL = 63;
const SNI_FORMAT = 'outbound_.<PORT>_._.<HOSTNAME>';

/** Whether the text is a DNS 1123 label. Capitals count as letters, as everywhere in Istio. */
export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_LABEL && dnsLabel.test(text);
}

function isWildcardLabel(text: string): boolean {
  return text.length <= MAX_LABEL && wildcardLabel.test(text);
}

function lengthProblem(name: string): string | undefined {
  if (name.length > 255) return `domain name ${quote(name)} too long (max 255)`;
  return name === '' ? 'empty domain name not allowed' : undefined;
}

/** What is wrong with a name all of whose labels must be plain; istio ValidateDNS1123Labels. */
function labelsProblem(domain: string): string | undefined {
  const labels = domain.split('.');
  const last = labels.at(-1) ?? '';
  if (isGoInteger(last)) return `domain name ${quote(domain)} invalid (top level domain ${quote(last)} cannot be all-numeric)`;
  const bad = labels.find((label, index) => !(index === labels.length - 1 && label === '') && !isDnsLabel(label));
  return bad === undefined ? undefined : `domain name ${quote(domain)} invalid (label ${quote(bad)} invalid)`;
}

/** What is wrong with a full name without wildcards; istio ValidateFQDN. */
export function fullNameProblem(name: string): string | undefined {
  return lengthProblem(name) ?? labelsProblem(name);
}

/** What is wrong with a name whose first label may be or begin with a wildcard; istio ValidateWildcardDomain. */
export function wildcardNameProblem(domain: string): string | undefined {
  const tooLong = lengthProblem(domain);
  if (tooLong !== undefined) return tooLong;
  const dot = domain.indexOf('.');
  const first = dot === -1 ? domain : domain.slice(0, dot);
  if (!isWildcardLabel(first)) return `domain name ${quote(domain)} invalid (label ${quote(first)} invalid)`;
  return dot === -1 ? undefined : labelsProblem(domain.slice(dot + 1));
}

/**
 * What is wrong with a host of a virtual service that is bound to a gateway: where SNI is matched, the names that gateways of
 * mode AUTO_PASSTHROUGH use are taken too. Istio ValidateWildcardDomainForVirtualServiceBoundToGateway.
 */
export function gatewayNameProblem(matchesSni: boolean, domain: string): string | undefined {
  const tooLong = lengthProblem(domain);
  if (tooLong !== undefined) return tooLong;
  if (!matchesSni || !domain.startsWith('outbound_')) return wildcardNameProblem(domain);
  const parts = domain.split('_');
  if (parts.length < 4) return `domain name ${domain} invalid, should follow '${SNI_FORMAT}' format`;
  const trim = (text: string): string => trimCharacters(text, '.');
  const [port, host] = [trim(parts[1] ?? ''), trim(parts[3] ?? '')];
  const refuse = (label: string): string =>
    `domain name ${quote(domain)} invalid (label ${quote(label)} invalid). should follow ${SNI_FORMAT} format`;
  if (!/[0-9]/.test(port)) return refuse(port);
  return /[a-zA-Z]/.test(host) ? undefined : refuse(host);
}

/** What is wrong with a wildcard in the middle of a label; istio ValidatePartialWildCard. */
export function partialWildcardProblem(host: string): string | undefined {
  const isPartial = host.includes('*') && host.length !== 1 && !host.startsWith('*.');
  return isPartial ? `partial wildcard ${quote(host)} not allowed` : undefined;
}

/**
 * Whose hosts they are; `converted-gateway` is one that istiod made of the Gateway API, an `excluding-sidecar` one of a release
 * whose Sidecars leave out hosts that begin with `~`.
 */
export type HostOwner = 'gateway' | 'converted-gateway' | 'sidecar' | 'excluding-sidecar';

/**
 * `namespace/host` of a Gateway or of an egress listener of a Sidecar; a Gateway may leave the namespace out.
 * Istio ValidateNamespaceSlashWildcardHostname.
 */
export function scopedHostProblems(text: string, owner: HostOwner): readonly string[] {
  const slash = text.indexOf('/');
  if (slash === -1) {
    return isOfSidecar(owner) ? ['host must be of form namespace/dnsName'] : hostPartProblems(text, owner);
  }
  const [namespace, host] = [text.slice(0, slash), text.slice(slash + 1)];
  const problems: string[] = [];
  if (namespace === '' || host === '') problems.push('config namespace and dnsName in host entry cannot be empty');
  if (!isScope(namespace, owner))
    problems.push(`invalid namespace value ${quote(namespace)} in ${isOfSidecar(owner) ? 'sidecar' : 'gateway'}`);
  return [...problems, ...hostPartProblems(host, owner)];
}

function isOfSidecar(owner: HostOwner): boolean {
  return owner === 'sidecar' || owner === 'excluding-sidecar';
}

function isScope(namespace: string, owner: HostOwner): boolean {
  const scope = owner === 'excluding-sidecar' ? namespace.replace(/^~/, '') : namespace;
  if (scope === '*' || scope === '.' || isDnsLabel(scope)) return true;
  return owner === 'excluding-sidecar' ? scope === '' : scope === '~' && owner !== 'gateway';
}

function hostPartProblems(host: string, owner: HostOwner): readonly string[] {
  const problems: string[] = [];
  if (host !== '*' && !host.includes('.')) problems.push('short names (non FQDN) are not allowed');
  const problem = wildcardNameProblem(host);
  if (problem !== undefined && (isOfSidecar(owner) || !isIpAddress(host))) problems.push(problem);
  const partial = partialWildcardProblem(host);
  return partial === undefined ? problems : [...problems, partial];
}

/** What is wrong with an IP address; istio ValidateIPAddress. */
export function ipAddressProblem(address: string): string | undefined {
  return isIpAddress(address) ? undefined : `${address} is not a valid IP`;
}

/** What is wrong with an IP address or range; istio ValidateIPSubnet. */
export function subnetProblem(subnet: string): string | undefined {
  if (subnet.split('/').length !== 2) return ipAddressProblem(subnet);
  return parseCidr(subnet) === undefined ? `${subnet} is not a valid CIDR block` : undefined;
}

/** What is wrong with the path of a Unix domain socket, without its `unix://`; istio ValidateUnixAddress. */
export function unixAddressProblem(address: string): string | undefined {
  if (address === '') return 'unix address must not be empty';
  if (address.startsWith('@')) return undefined;
  return !address.startsWith('/') || address.endsWith('/') ? `${address} is not an absolute path to a file` : undefined;
}

/** What an address of a Unix domain socket begins with. */
export const UNIX_PREFIX = 'unix://';

/** The address that a listener binds to: an IP address. */
export function* checkIpAddress(path: Path, address: string): Findings {
  yield* errorIf(path, ipAddressProblem(address));
}

/** The parts of `host:port`, or why it has none; Go's net.SplitHostPort. */
export function splitHostPort(text: string): { readonly host: string; readonly port: string } | string {
  const refuse = (why: string): string => `address ${text}: ${why}`;
  const colon = text.lastIndexOf(':');
  if (colon === -1) return refuse('missing port in address');
  let host = text.slice(0, colon);
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end === -1) return refuse("missing ']' in address");
    if (end + 1 === text.length) return refuse('missing port in address');
    if (end + 1 !== colon) return refuse(text[end + 1] === ':' ? 'too many colons in address' : 'missing port in address');
    host = text.slice(1, end);
    if (text.indexOf('[', 1) !== -1) return refuse("unexpected '[' in address");
    if (text.indexOf(']', end + 1) !== -1) return refuse("unexpected ']' in address");
  } else {
    if (host.includes(':')) return refuse('too many colons in address');
    if (text.includes('[')) return refuse("unexpected '[' in address");
    if (text.includes(']')) return refuse("unexpected ']' in address");
  }
  return { host, port: text.slice(colon + 1) };
}

/** What Go's strconv.Atoi says of a text that it cannot read. */
export function notANumber(text: string): string {
  const isTooLong = /^[+-]?\d+$/.test(text);
  return `strconv.Atoi: parsing ${quote(text)}: ${isTooLong ? 'value out of range' : 'invalid syntax'}`;
}

/** What is wrong with the `host:port` of a server; istio ValidateProxyAddress. */
export function serverAddressProblem(address: string): string | undefined {
  const split = splitHostPort(address);
  if (typeof split === 'string') return `unable to split ${quote(address)}: ${split}`;
  if (!isGoInteger(split.port)) return `port (${split.port}) is not a number: ${notANumber(split.port)}`;
  const problem = portProblem(Number(split.port));
  if (problem !== undefined) return problem;
  if (fullNameProblem(split.host) === undefined || isIpAddress(split.host)) return undefined;
  return `${quote(split.host)} is not a valid hostname or an IP address`;
}
